"""kgo-verifier, with transactions of which a fifth is aborted or without any, while the broker is killed.

Its producer notes the offset of each acknowledged record, its readers panic when one holds anything else, when they see
an aborted record, or when offsets go back.
"""

import json
import os
import random
import re
import time

from feed import create_topics
from processes import Process, fail, free_port, say

TOPIC = 'verified'
RECORD_BYTES = 512
BYTES_PER_SECOND = 1_500_000
TRANSACTION_RECORDS = 50
ABORT_RATE = 0.2
PRODUCER_TIMEOUT_S = 900
READER_TIMEOUT_S = 300


class Verifier(Process):
    def __init__(self, options, name, *arguments):
        command = [os.environ['KGO_VERIFIER'], '--brokers', options.bootstrap, '--topic', TOPIC,
                   '--remote-port', str(free_port()), *arguments]
        if options.scenario == 'verifier':
            command.append('--use-transactions')
        super().__init__(command, os.path.join(options.directory, f'{name}.log'))
        # Where it keeps the offsets that hold its records; its own processes share them.
        self.start(cwd=options.directory)

    def wait(self, timeout_s):
        return self.process.wait(timeout=timeout_s)

    def statuses(self, of):
        """What it said of itself, the last time in each of its processes' lives."""
        found = []
        with open(self.log_path, encoding='utf-8') as lines:
            for line in lines:
                match = re.search(of + r' status:? (\{.*\})', line)
                if match:
                    found.append(json.loads(match.group(1).rstrip('")').replace('\\"', '"')))
        return found


def run(options, broker):
    chance = random.Random(options.seed)
    broker.start()
    # It counts the markers of all partitions towards one of them, so with transactions there can be only one.
    if options.scenario == 'verifier':
        options.partitions = 1
    create_topics(options, TOPIC)
    produced, rounds = {}, 0
    while broker.kills < options.kills:
        rounds += 1
        status = produce(options, broker, chance, rounds)
        for name in ('sent', 'acked', 'bad_offsets', 'restarts', 'fails', 'failed_transactions',
                     'aborted_transaction_msgs'):
            produced[name] = produced.get(name, 0) + status[name]
    problems = []
    found, seen = read(options, 'sequential', ['--seq_read=1'], produced)
    problems += found
    # The group reader waits for a record at the end of the log, where a marker is; so it is told how many there are.
    for name, arguments in (('group', ['--consumer_group_readers', '3', '--seq_read_msgs', str(seen)]),
                            ('random', ['--rand_read_msgs', '200', '--parallel', '4'])):
        problems += read(options, name, arguments, produced)[0]
    code = broker.stop()
    if code not in (0, 143):
        problems.append(f'the broker ended with {code}')
    if produced['fails'] > 0:
        problems.append(f"{produced['fails']} records could not be produced")
    say(f'{broker.kills} kills of the broker, {rounds} producers: ' + json.dumps(produced))
    fail(problems)


def produce(options, broker, chance, number):
    """One producer of some thousands of records, and as many kills as fall into its time."""
    count = options.backlog * 2
    arguments = ['--msg_size', str(RECORD_BYTES), '--produce_msgs', str(count), '--rand_read_msgs', '0',
                 '--produce-throughput-bps', str(BYTES_PER_SECOND), '--tolerate-failed-produce']
    if options.scenario == 'verifier':
        arguments += ['--msgs-per-transaction', str(TRANSACTION_RECORDS), '--transaction-abort-rate', str(ABORT_RATE)]
    producer, began = Verifier(options, f'producer-{number}', *arguments), time.monotonic()
    try:
        while not producer.ended():
            next_kill = time.monotonic() + chance.uniform(*options.pause)
            while time.monotonic() < next_kill and not producer.ended():
                time.sleep(0.1)
            if producer.ended():
                break
            if broker.kills < options.kills:
                seconds = broker.kill_and_start()
                say(f'{broker.kills}/{options.kills}: broker killed, ready after {seconds:.2f} s')
            if time.monotonic() - began > PRODUCER_TIMEOUT_S:
                raise SystemExit(f'the producer had not ended after {PRODUCER_TIMEOUT_S} s; see {producer.log_path}')
        if producer.wait(1) != 0:
            raise SystemExit(f'the producer failed; see {producer.log_path}')
    finally:
        producer.kill()
    status = producer.statuses('Producer')[-1]
    say(f"producer {number}: {status['acked']} of {count} records at the offset it expected, "
        f"{status['aborted_transaction_msgs']} aborted, {status['bad_offsets']} elsewhere, {status['restarts']} restarts")
    return status


def read(options, name, arguments, produced):
    """The problems it found, and how many records it read."""
    reader = Verifier(options, f'reader-{name}', '--produce_msgs', '0', *arguments)
    try:
        code = reader.wait(READER_TIMEOUT_S)
    except Exception:
        return [f'the {name} reader had not ended after {READER_TIMEOUT_S} s; see {reader.log_path}'], 0
    finally:
        reader.kill()
    if code != 0:
        return [f'the {name} reader found a fault; see {reader.log_path}'], 0
    status = reader.statuses('[Vv]alidator')
    valid = sum(each['valid_reads'] for each in status) if name == 'random' else max(
        (each['valid_reads'] for each in status), default=0)
    invalid = max((each['invalid_reads'] for each in status), default=0)
    out_of_scope = max((each['out_of_scope_invalid_reads'] for each in status), default=0)
    say(f'{name} reader: {valid} valid, {invalid} invalid, {out_of_scope} of records that landed elsewhere')
    problems = [] if invalid == 0 and valid > 0 else [f'the {name} reader found {valid} valid and {invalid} invalid']
    # A transaction that could not be ended may have been committed or not; without one the sum is exact.
    due = produced['acked'] - produced['aborted_transaction_msgs']
    if name == 'sequential' and produced['bad_offsets'] + produced['failed_transactions'] == 0 and valid != due:
        problems.append(f'the {name} reader saw {valid} records, due were {due}')
    return problems, valid + out_of_scope
