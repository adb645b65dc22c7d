"""The processes under test: a broker and its clients, each killed with SIGKILL and started again."""

import os
import signal
import socket
import subprocess
import sys
import time

READY_LINE = b'Kafka Server started'
READY_TIMEOUT_S = 120
STARTED = time.monotonic()


def say(text):
    print(f'{time.monotonic() - STARTED:7.1f} s  {text}', flush=True)


class Process:
    """Leads a process group of its own, so that one signal ends it whole. Its output is appended to one file."""

    def __init__(self, command, log_path):
        self.command = command
        self.log_path = log_path
        self.process = None

    def start(self, **pipes):
        with open(self.log_path, 'ab') as log:
            self.process = subprocess.Popen(
                self.command, stdout=pipes.pop('stdout', log), stderr=log, start_new_session=True,
                stdin=pipes.pop('stdin', subprocess.DEVNULL), **pipes)

    def ended(self):
        return self.process.poll() is not None

    def kill(self):
        if self.process is None or self.ended():
            return
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self):
        self.process.terminate()
        return self.process.wait(timeout=60)


class Broker(Process):
    """Started by a shell command; serves once its log says so."""

    def __init__(self, command, log_path):
        super().__init__(['bash', '-c', 'exec ' + command], log_path)
        self.kills = 0

    def start(self):
        began = time.monotonic()
        already = os.path.getsize(self.log_path) if os.path.exists(self.log_path) else 0
        super().start()
        while True:
            with open(self.log_path, 'rb') as lines:
                lines.seek(already)
                if READY_LINE in lines.read():
                    return time.monotonic() - began
            if self.ended() or time.monotonic() - began > READY_TIMEOUT_S:
                raise SystemExit(f'the broker did not start; see {self.log_path}')
            time.sleep(0.05)

    def kill_and_start(self):
        if self.ended():
            raise SystemExit(f'the broker ended by itself; see {self.log_path}')
        self.kill()
        self.kills += 1
        return self.start()


def java(arguments, heap='128m'):
    """The words of a command that runs a class with Kafka's jars, small and quick to start."""
    return ['java', f'-Xmx{heap}', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1',
            '-cp', os.environ['EXACTLY_ONCE_CLASSPATH'],
            '-Dlog4j2.configurationFile=' + os.environ['EXACTLY_ONCE_LOG4J'], *arguments]


def free_port():
    with socket.create_server(('127.0.0.1', 0)) as server:
        return server.getsockname()[1]


def fail(problems):
    for problem in problems:
        say('FAILED: ' + problem)
    sys.exit(1 if problems else 0)
