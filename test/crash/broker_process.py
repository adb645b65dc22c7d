"""A broker as a child process of a crash test."""

import os
import signal
import subprocess
import time

READY_LINE = b'Kafka Server started'
READY_TIMEOUT_S = 120


class Broker:
    """The broker process: the leader of a process group of its own, so that one signal ends it whole."""

    def __init__(self, command, log_path):
        self.command = command
        self.log_path = log_path
        self.process = None

    def start(self):
        began = time.monotonic()
        log = open(self.log_path, 'wb')
        self.process = subprocess.Popen(
            ['bash', '-c', 'exec ' + self.command], stdout=log, stderr=log, start_new_session=True)
        while True:
            with open(self.log_path, 'rb') as lines:
                if READY_LINE in lines.read():
                    return time.monotonic() - began
            if self.process.poll() is not None or time.monotonic() - began > READY_TIMEOUT_S:
                raise SystemExit(f'the broker did not start; see {self.log_path}')
            time.sleep(0.02)

    def freeze(self):
        """None of its threads comes back from the kernel any more; `kill` ends it all the same."""
        os.killpg(self.process.pid, signal.SIGSTOP)

    def kill(self):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self):
        self.process.terminate()
        return self.process.wait(timeout=60)

    def end(self):
        """Whatever became of the test, nothing keeps running."""
        if self.process is not None and self.process.poll() is None:
            self.kill()
