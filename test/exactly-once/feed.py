"""Numbered input, written on demand by java/Feed.java with an idempotent producer that outlives the broker."""

import json
import os
import subprocess

from confluent_kafka.admin import AdminClient, NewTopic

from processes import Process, java, say


class Feed(Process):
    def __init__(self, options, topic):
        super().__init__(java(['Feed', options.bootstrap, topic, str(options.partitions)]),
                         os.path.join(options.directory, 'feed.log'))
        self.written = 0
        self.start(stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def write(self, count):
        """Returns once all of them are acknowledged."""
        self.process.stdin.write(f'{count}\n')
        self.process.stdin.flush()
        answer = self.process.stdout.readline().strip()
        if answer != str(self.written + count):
            raise SystemExit(f'the feed failed: {answer!r}; see {self.log_path}')
        self.written += count

    def close(self):
        self.process.stdin.close()
        self.process.wait(timeout=120)


def compare(options, what, *topics):
    """Runs java/Compare.java and returns what it found: figures, and a list of problems."""
    command = java(['Compare', options.bootstrap, what, *topics], heap='1g')
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=900)
    if result.returncode != 0:
        raise SystemExit('the comparison could not be made: ' + result.stderr[-2000:])
    found = json.loads(result.stdout)
    say(f'{what}: ' + json.dumps(found))
    return found


def create_topics(options, *names):
    admin = AdminClient({'bootstrap.servers': options.bootstrap, 'log_level': 0})
    for future in admin.create_topics([NewTopic(name, options.partitions, 1) for name in names]).values():
        future.result(30)
