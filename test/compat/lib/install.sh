# Installs what the checks need under .work, each part once per content of the files that name it.
# Every part is a function of its own and may be called alone after sourcing common.sh.

# once NAME FILES... -- COMMAND...: runs the command unless it succeeded before with these very files.
once() {
  local name=$1 inputs=() stamp digest
  shift
  while [[ $1 != -- ]]; do inputs+=("$1"); shift; done
  shift
  mkdir -p "$WORK/stamps" "$WORK/logs"
  stamp=$WORK/stamps/$name
  digest=$(cat "${inputs[@]}" | sha256sum | cut -d ' ' -f 1)
  [[ -f $stamp && $(<"$stamp") == "$digest" ]] && return
  echo "installing $name"
  "$@" >"$WORK/logs/install-$name.log" 2>&1 || {
    echo "could not install $name:" >&2
    tail -n 20 "$WORK/logs/install-$name.log" >&2
    return 1
  }
  echo "$digest" >"$stamp"
}

install_kcat() {
  command -v kcat >/dev/null && return
  once kcat "$COMPAT/lib/install.sh" -- bash -c 'apt-get update -qq && apt-get install -y -qq kcat'
}

install_jars() {
  once jars "$COMPAT/java/pom.xml" -- bash -c "rm -rf '$JARS' && mvn -q -B -f '$COMPAT/java/pom.xml' \
    dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory='$JARS'"
}

install_classes() {
  local sources=("$COMPAT"/java/*.java)
  once classes "$COMPAT/java/pom.xml" "${sources[@]}" -- \
    javac -d "$WORK/classes" -cp "$JARS/*" "${sources[@]}"
}

install_python() {
  once python "$COMPAT/python/requirements.txt" -- bash -c "python3 -m venv '$WORK/venv' \
    && '$WORK/venv/bin/pip' install -q --disable-pip-version-check -r '$COMPAT/python/requirements.txt'"
}

# The Node that one client demands comes along as a package, whatever Node runs the broker.
install_node() {
  once node "$COMPAT"/node/* -- bash -c "mkdir -p '$WORK/node' \
    && cp '$COMPAT'/node/* '$WORK/node/' && cd '$WORK/node' \
    && npm install --no-audit --no-fund --no-package-lock"
}

install_go() {
  once go "$COMPAT/go/go.mod" "$COMPAT"/go/*.go -- bash -c "cd '$COMPAT/go' && go build -o '$WORK/bin/franz-go' ."
}

install_all() {
  install_kcat
  install_jars
  install_classes
  install_python
  install_node
  install_go
}
