"""A secondary that a test plays: takes NOTIFY over UDP and says which serial it serves, as the test wants it to."""
import socket
import threading
import time

import dns.exception
import dns.flags
import dns.message
import dns.opcode
import dns.rcode
import dns.rdatatype
import dns.rrset


class FakeSecondary:
    """`mode`: "take" (it has what it was told of `delay` seconds later), "deaf" (answers nothing), "refuse" (NOTIFY
    with NOTAUTH), "stay" (answers, and keeps what it has). `serials`: by zone, as text with the final dot; a zone that
    is not in it is REFUSED."""

    def __init__(self, serials=(), mode="take", delay=0.0, keyring=None):
        self.serials = dict(serials)
        self.mode = mode
        self.delay = delay
        self.keyring = keyring
        self.notified = []  # (zone, serial), each time
        self.asked = []  # zones, each time
        self.unsigned = 0
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.address = f"127.0.0.1:{self.port}"
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()

    def close(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as waker:
            waker.sendto(b"", ("127.0.0.1", self.port))
        self.thread.join()
        self.socket.close()

    def serial_told(self, zone):
        return max((serial for name, serial in self.notified if name == zone), default=None)

    def _serve(self):
        pending = []  # (when, zone, serial)
        while True:
            self.socket.settimeout(0.01 if pending else None)
            try:
                octets, peer = self.socket.recvfrom(65535)
            except TimeoutError:
                octets = None
            now = time.monotonic()
            for due in [each for each in pending if each[0] <= now]:
                pending.remove(due)
                self.serials[due[1]] = due[2]
            if octets == b"":
                return
            if octets is not None:
                answer = self._answer(octets, pending)
                if answer is not None:
                    self.socket.sendto(answer, peer)

    def _answer(self, octets, pending):
        try:
            message = dns.message.from_wire(octets, keyring=self.keyring, ignore_trailing=False)
        except dns.exception.DNSException:
            return None
        zone = message.question[0].name.to_text().lower()
        if self.keyring and not message.had_tsig:
            self.unsigned += 1
        response = dns.message.make_response(message)
        if message.opcode() == dns.opcode.NOTIFY:
            serial = message.answer[0][0].serial
            self.notified.append((zone, serial))
            if self.mode == "refuse":
                response.set_rcode(dns.rcode.NOTAUTH)
            elif self.mode == "take":
                pending.append((time.monotonic() + self.delay, zone, serial))
                if self.delay == 0:
                    self.serials[zone] = serial
                    pending.pop()
        else:
            self.asked.append(zone)
            if zone in self.serials:
                response.flags |= dns.flags.AA
                response.answer = [dns.rrset.from_text(zone, 60, "IN", "SOA",
                                                       f"ns1.{zone} h.{zone} {self.serials[zone]} 900 300 604800 60")]
            else:
                response.set_rcode(dns.rcode.REFUSED)
        return None if self.mode == "deaf" else response.to_wire()
