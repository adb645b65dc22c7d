"""Runs one scenario against one broker; run.sh says how and prepares what this needs."""

import argparse
import importlib
import signal
import subprocess
import sys
import time

from processes import Broker, java, say

# Seconds of work between two kills, records that wait to be copied or counted, and how many kills.
SIZES = {
    'quick': {'kills': 4, 'backlog': 20_000, 'pause': (2, 4)},
    'full': {'kills': 24, 'backlog': 60_000, 'pause': (3, 8)},
}


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument('scenario', choices=['copier', 'streams', 'verifier', 'plain-verifier', 'etl'])
    arguments.add_argument('--bootstrap', required=True)
    arguments.add_argument('--start', required=True, help='shell command that runs the broker in the foreground')
    arguments.add_argument('--directory', required=True)
    arguments.add_argument('--size', choices=SIZES, default='quick')
    arguments.add_argument('--kills', type=int)
    arguments.add_argument('--backlog', type=int)
    arguments.add_argument('--partitions', type=int, default=4)
    arguments.add_argument('--copiers', type=int, default=4)
    arguments.add_argument('--transaction-size', type=int, default=100)
    arguments.add_argument('--transaction-version', type=int, choices=(0, 1, 2))
    arguments.add_argument('--seed', type=int, default=int(time.time()))
    options = arguments.parse_args()
    for name, value in SIZES[options.size].items():
        if getattr(options, name, None) is None:
            setattr(options, name, value)
    say(f'{options.scenario}, {options.kills} kills, seed {options.seed}')
    # Whoever ends this early ends what it started.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    broker = Broker(options.start, options.directory + '/server.log')
    try:
        if options.transaction_version is not None:
            set_transaction_version(options, broker)
        importlib.import_module(options.scenario.replace('plain-', '')).run(options, broker)
    finally:
        broker.kill()


def set_transaction_version(options, broker):
    """Stored by the broker, so that it outlives it."""
    broker.start()
    subprocess.run(java(['org.apache.kafka.tools.FeatureCommand', '--bootstrap-server', options.bootstrap, 'downgrade',
                         '--feature', f'transaction.version={options.transaction_version}']), check=True, timeout=120)
    broker.stop()


main()
