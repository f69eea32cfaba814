"""How an evil primary answers AXFR, one script for each way (evil_primary.py)."""
import struct

import wire
from evil_primary import ABORT, Drip, HOLD, NEW_SERIAL, OLD_SERIAL, Raw, Script, Scripts

SCRIPTS = Scripts()
axfr = SCRIPTS.axfr
UPDATE = 5 << 11

# Which records come


@axfr("begins with")
def no_soa_at_the_start(ask):
    yield ask.message([*ask.new.others, ask.new.soa])


@axfr("is not its first")
def another_soa_at_the_end(ask):
    yield ask.message([ask.new.soa, *ask.new.others, ask.soa(NEW_SERIAL + 1)])


@axfr("closed the connection")
def no_soa_at_the_end(ask):
    yield ask.message([ask.new.soa, *ask.new.others])


@axfr("behind the last SOA")
def soa_in_the_middle(ask):
    yield ask.message([ask.new.soa, ask.new.others[0], ask.new.soa, *ask.new.others[1:], ask.new.soa])


@axfr("SOA record at sub")
def soa_below_the_top(ask):
    rdata = ask.new.soa[len(ask.top()) + 10:]
    yield ask.message([ask.new.soa, *ask.new.others, wire.record(ask.name("sub"), "SOA", rdata), ask.new.soa])


@axfr("", "new")
def records_of_other_zones(ask):
    strangers = [wire.record(wire.name(f"{name}."), "A", bytes(4)) for name in ("www.bank.test", "evil", "test")]
    yield ask.message([ask.new.soa, *strangers, *ask.new.others, *strangers, ask.new.soa])


@axfr("no data of a zone")
def records_of_another_class(ask):
    yield ask.message([ask.new.soa, *ask.new.others, wire.record(ask.name("x"), "A", bytes(4), rdclass=3),
                       ask.new.soa])


@axfr("no data of a zone")
def records_of_a_meta_type(ask):
    yield ask.message([ask.new.soa, *ask.new.others, wire.record(ask.name("x"), "ANY", b""), ask.new.soa])


@axfr("not newer")
def older_than_it_was_announced(ask):
    yield ask.message([ask.soa(OLD_SERIAL - 1), *ask.new.others, ask.soa(OLD_SERIAL - 1)])


@axfr("not newer")
def other_content_under_our_serial(ask):
    yield ask.message([ask.old.soa, *ask.new.others, ask.old.soa])


@axfr("CNAME")
def cname_beside_other_data(ask):
    yield ask.message([ask.new.soa, *ask.new.others, wire.record(ask.name("www"), "CNAME", ask.top()), ask.new.soa])


@axfr("NS")
def no_ns_at_the_top(ask):
    yield ask.message([ask.new.soa, *(each for each in ask.new.others if not each.startswith(ask.top())),
                       ask.new.soa])


@axfr("DNAME")
def dname_with_names_below(ask):
    yield ask.message([ask.new.soa, *ask.new.others, wire.record(ask.name("d"), "DNAME", wire.name("d.test")),
                       wire.record(ask.name("below.d"), "A", bytes(4)), ask.new.soa])


@axfr("", "new", lines=["odd 0 TXT x"])
def ttl_above_31_bits(ask):
    honest = wire.record(ask.name("odd"), "TXT", b"\1x", ttl=0)
    yield ask.message([wire.record(ask.name("odd"), "TXT", b"\1x", ttl=0x8000_0001) if each == honest else each
                       for each in ask.new.all()])


@axfr("", "new", lines=["www 60 RRSIG MX 8 2 60 20300101000000 20260101000000 1 @ AAAA"])
def signature_of_what_is_not_there(ask):
    yield ask.message(ask.new.all())


@axfr("ZONEMD", lines=["@ 60 ZONEMD 8 1 1 " + "00" * 48])
def zonemd_of_something_else(ask):
    yield ask.message(ask.new.all())


@axfr("", "new")
def all_records_a_hundred_times(ask):
    yield ask.message([ask.new.soa, *ask.new.others * 100, ask.new.soa])


# Too much


@axfr("more than 20000 records")
def records_without_end(ask):
    """With names of two octets: 320 KB on the wire, and as small as they come."""
    yield ask.message([ask.new.soa])
    count = 0
    while True:
        yield ask.message([wire.record(b"\xc0\x0c", "A", struct.pack("!I", count + each)) for each in range(1000)])
        count += 1000


@axfr("1048576 octets")
def octets_without_end(ask):
    yield ask.message([ask.new.soa])
    while True:
        yield ask.message([wire.record(b"\xc0\x0c", 65280, bytes(60_000))])


@axfr("more than 1048576 octets")
def long_names_of_two_octets_without_end(ask):
    long = b"".join(bytes([60]) + b"x" * 60 for _ in range(3)) + b"\xc0\x0c"
    first = wire.record(long, "A", bytes(4))
    again = struct.pack("!H", 0xc000 + 12 + len(ask.question))
    yield ask.message([ask.new.soa])
    while True:
        yield ask.message([first] + [wire.record(again, "A", struct.pack("!I", each)) for each in range(1000)])


# Messages


@axfr("answers the question")
def answer_to_another_question(ask):
    yield ask.message(ask.new.all(), questions=[wire.question("other.evil.", "AXFR")])


@axfr("answers the question")
def answer_to_another_type(ask):
    yield ask.message(ask.new.all(), questions=[wire.question(ask.zone.name, "IXFR")])


@axfr("answers 0 questions")
def answer_without_a_question(ask):
    yield ask.message(ask.new.all(), questions=[])


@axfr("answers 2 questions")
def answer_with_two_questions(ask):
    yield ask.message(ask.new.all(), questions=[ask.question, ask.question])


@axfr("answers something else")
def another_id_in_the_middle(ask):
    yield ask.message(ask.new.all()[:2])
    yield ask.message(ask.new.all()[2:], identity=ask.id ^ 1)


@axfr("answers something else")
def a_request_as_an_answer(ask):
    yield ask.message(ask.new.all(), flags=wire.AA)


@axfr("answers something else")
def another_opcode(ask):
    yield ask.message(ask.new.all(), flags=wire.RESPONSE | UPDATE)


@axfr("SERVFAIL")
def an_error_in_the_middle(ask):
    yield ask.message(ask.new.all()[:2])
    yield ask.message(ask.new.all()[2:], rcode=wire.SERVFAIL)


@axfr("BADVERS|rcode|RCODE")
def an_extended_error_at_the_end(ask):
    opt = b"\0" + struct.pack("!HHIH", 41, 1232, 1 << 24, 0)
    yield ask.message(ask.new.all(), additionals=[opt])


@axfr("truncated")
def truncated_over_tcp(ask):
    yield ask.message(ask.new.all(), flags=wire.RESPONSE | wire.TC)


@axfr("without records|closed the connection")
def nothing_but_empty_messages(ask):
    for _ in range(3):
        yield ask.message()


@axfr("no whole DNS message")
def a_message_of_no_octets(ask):
    yield ask.message(ask.new.all()[:2])
    yield b""


@axfr("no whole DNS message")
def more_behind_the_records(ask):
    yield ask.message(ask.new.all(), tail=b"\0")


@axfr("no whole DNS message")
def fewer_records_than_counted(ask):
    octets = ask.message(ask.new.all())
    yield octets[:6] + struct.pack("!H", len(ask.new.all()) + 1) + octets[8:]


@axfr("behind the last SOA")
def records_behind_the_last(ask):
    yield ask.message([*ask.new.all(), ask.new.others[0]])


@axfr("", "new")
def messages_behind_the_last(ask):
    yield Raw(wire.framed(ask.message(ask.new.all())) + wire.framed(ask.message(ask.new.all())) + bytes(1000))


@axfr("closed the connection")
def a_length_beyond_what_comes(ask):
    yield ask.message(ask.new.all()[:2])
    octets = ask.message(ask.new.all()[2:])
    yield Raw(struct.pack("!H", 0xffff) + octets)


@axfr("closed the connection|reset")
def closed_before_it_says_anything(ask):
    yield ABORT


@axfr("no whole DNS message|answers something else")
def another_protocol(ask):
    yield Raw(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n" + bytes(30_000))


@axfr("no answer in time")
def octets_that_drip(ask):
    """One message for as long as it takes: the time of a message is not renewed by its octets."""
    yield Drip(wire.framed(ask.message(ask.new.all())))


@axfr("no answer in time")
def silence_in_the_middle(ask):
    yield ask.message(ask.new.all()[:2])
    yield HOLD


# Names and rdata


def odd_owner(name, owner, reason="no whole DNS message"):
    """`owner`: of the message's header, question and SOA in front, what stands for a name."""
    def answer(ask):
        ahead = 12 + len(ask.question) + len(ask.new.soa)
        yield ask.message([ask.new.soa, wire.record(owner(ahead), "A", bytes(4)), *ask.new.others, ask.new.soa])
    SCRIPTS.append(Script(name, "old", reason, axfr=answer))


def pointer(at):
    return struct.pack("!H", 0xc000 | at)


odd_owner("owner-that-points-to-itself", pointer)
odd_owner("owner-that-points-ahead", lambda ahead: pointer(ahead + 40))
odd_owner("owner-that-goes-around", lambda ahead: b"\1a" + pointer(ahead))
odd_owner("owner-of-a-reserved-label", lambda ahead: b"\x80a\0")
odd_owner("owner-of-256-octets", lambda ahead: (b"\x3f" + b"x" * 63) * 3 + b"\x3e" + b"x" * 62 + b"\0")
odd_owner("owner-of-256-octets-by-a-pointer", lambda ahead: b"\x3f" + b"x" * 63 + b"\x3f" + b"x" * 63 +
          b"\x3f" + b"x" * 63 + b"\x3f" + b"x" * 63 + pointer(12))

BAD_RDATA = {
    "a": ("A", bytes(3)),
    "aaaa": ("AAAA", bytes(17)),
    "ns": ("NS", b"\xff\xff"),
    "ns-more": ("NS", b"\0\0"),
    "mx": ("MX", b"\0"),
    "txt": ("TXT", b"\5abc"),
    "txt-empty": ("TXT", b""),
    "srv": ("SRV", bytes(6)),
    "naptr": ("NAPTR", bytes(4) + b"\1u\xffx"),
    "ds": ("DS", b"\0\1"),
    "dnskey": ("DNSKEY", b"\1\0"),
    "rrsig": ("RRSIG", bytes(17)),
    "nsec-bitmap": ("NSEC", b"\0" + b"\0\0"),
    "nsec-windows": ("NSEC", b"\0" + b"\1\1\1" + b"\0\1\1"),
    "nsec3": ("NSEC3", b"\1\0\0\1\xffx"),
    "caa": ("CAA", b"\0\xfftag"),
    "svcb-order": ("SVCB", b"\0\1\0" + b"\0\3\0\2\0\1" + b"\0\1\0\3\2h2"),
    "loc": ("LOC", b"\1" + bytes(15)),
    "tlsa": ("TLSA", b"\0\0"),
    "hinfo": ("HINFO", b"\1x"),
    "cert": ("CERT", b"\0"),
    "soa-short": ("SOA", b"\0\0" + bytes(19)),
}


def bad_rdata(name, rdtype, rdata):
    def answer(ask):
        yield ask.message([ask.new.soa, *ask.new.others, wire.record(ask.name("bad"), rdtype, rdata), ask.new.soa])
    SCRIPTS.append(Script(f"rdata-{name}", "old", "malformed record|no whole DNS message", axfr=answer))


for each_name, (each_type, each_rdata) in BAD_RDATA.items():
    bad_rdata(each_name, each_type, each_rdata)


@axfr("malformed record")
def rdata_that_points_to_itself(ask):
    at = 12 + len(ask.question) + len(ask.new.soa) + len(ask.name("x")) + 10
    yield ask.message([ask.new.soa, wire.record(ask.name("x"), "NS", pointer(at)), *ask.new.others, ask.new.soa])


@axfr("no whole DNS message")
def rdata_longer_than_the_message(ask):
    yield ask.message([ask.new.soa, *ask.new.others, wire.record(ask.name("x"), "TXT", b"\1x", length=60_000)])
