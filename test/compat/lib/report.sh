# One line per check on standard output, and the same as .work/results.json.

SKIPPED=77

# skip WHY: ends a check that this run cannot do.
skip() {
  figure "$*"
  exit "$SKIPPED"
}

report_begin() {
  : >"$RUN/results.tsv"
}

# report_check NAME OUTCOME SECONDS REASON
report_check() {
  local name=$1 outcome=$2 seconds=$3 reason=$4 figures=''
  if [[ -f $CHECK_DIR/figures ]]; then figures=$(paste -s -d ';' "$CHECK_DIR/figures" | sed 's/;/; /g'); fi
  if [[ $outcome == FAIL && -z $reason ]]; then reason=$(tail -n 1 "$CHECK_DIR/log"); fi
  printf '%s %-28s %9s s  %s%s\n' "$outcome" "$name" "$seconds" "$figures" "${reason:+${figures:+; }$reason (see $CHECK_DIR/log)}"
  printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$name" "$outcome" "$seconds" "${figures//$'\t'/ }" "${reason//$'\t'/ }" \
    "$CHECK_DIR/log" >>"$RUN/results.tsv"
}

# report_end CHECKS SECONDS: fails when a check failed, or when there are not so many.
report_end() {
  PEER=$PEER BOOTSTRAP=$BOOTSTRAP QUICK=$QUICK CHECKS=$1 TOTAL=$2 node "$COMPAT/lib/results.mjs" \
    "$RUN/results.tsv" "$WORK/results.json"
}
