"""Kafka's DumpLogSegments over the files of partitions: every record of every segment, and the indexes."""

import glob
import os
import re
import subprocess

from processes import java, say

# Offsets that do not follow one another are what compaction leaves.
COMPLAINT = re.compile(r'isvalid: false|mismatch|invalid bytes|error|exception|corrupt|failed', re.I)
DUMP_TIMEOUT_S = 300


def dump_all(data, pattern):
    """The problems it found in the partitions whose folders match."""
    problems, segments, folders = [], 0, sorted(glob.glob(f'{data}/{pattern}'))
    for folder in folders:
        logs = sorted(glob.glob(folder + '/*.log'))
        indexes = sorted(glob.glob(folder + '/*.index') + glob.glob(folder + '/*.timeindex'))
        others = sorted(glob.glob(folder + '/*.txnindex') + glob.glob(folder + '/*.snapshot'))
        segments += len(logs)
        problems += dump(folder, '--deep-iteration', '--skip-record-metadata', '--files', ','.join(logs))
        problems += dump(folder, '--index-sanity-check', '--files', ','.join(indexes))
        problems += dump(folder, '--verify-index-only', '--files', ','.join(indexes))
        if others:
            problems += dump(folder, '--files', ','.join(others))
    say(f'the dump tool read {segments} segments of {len(folders)} partitions')
    return problems if segments > 0 else [*problems, 'there was nothing to dump']


def dump(folder, *arguments):
    result = subprocess.run(java(['org.apache.kafka.tools.DumpLogSegments', *arguments], heap='256m'), text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=DUMP_TIMEOUT_S)
    complaints = [line for line in result.stdout.splitlines() if COMPLAINT.search(line)]
    if result.returncode == 0 and not complaints:
        return []
    return [f'{os.path.basename(folder)}, {arguments[0]}: ' + (complaints or result.stdout.splitlines() or ['?'])[0]]
