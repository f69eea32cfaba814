"""How an evil primary answers IXFR, and the question for its SOA record, one script for each way (evil_primary.py)."""
import itertools
import struct

import wire
from evil_primary import Elsewhere, NEW_SERIAL, OLD_SERIAL, Scripts

SCRIPTS = Scripts()
ixfr, soa = SCRIPTS.ixfr, SCRIPTS.soa
FAR = OLD_SERIAL + 0x7fff_ffff  # as far ahead as a serial can be (RFC 1982)


def steps(ask, *parts):
    """One message: the newest SOA around `parts`."""
    return ask.message([ask.new.soa, *itertools.chain(*parts), ask.new.soa])


def address(ask, name):
    return wire.record(ask.name(name), "A", bytes(4))


# IXFR


@ixfr("", "new")
def a_step_as_it_should_be(ask):
    """So that the others are known to fail for what is wrong with them."""
    yield steps(ask, ask.step(ask.removed(), ask.added()))


@ixfr("", "new")
def a_step_with_records_of_other_zones(ask):
    stranger = wire.record(wire.name("www.bank.test."), "A", bytes(4))
    yield steps(ask, ask.step([stranger, *ask.removed()], [stranger, *ask.added()]))


@ixfr("", "new")
def the_whole_zone_in_an_ixfr(ask):
    yield ask.message(ask.new.all())


def steps_once_around(ask, count):
    """From the old serial to the new one past all others, each a little newer than the one before (RFC 1982)."""
    serials = [(OLD_SERIAL + (2 ** 32 + 1) * each // count) % 2 ** 32 for each in range(count + 1)]
    yield ask.message([ask.new.soa])
    for before, after in itertools.pairwise(serials[:-1]):
        yield ask.message(ask.step([], [], before, after))
    yield ask.message([*ask.step(ask.removed(), ask.added(), serials[-2]), ask.new.soa])


@ixfr("", "new")
def three_steps_past_all_serials(ask):
    yield from steps_once_around(ask, 3)


@ixfr("", "new")
def three_hundred_steps_past_all_serials(ask):
    yield from steps_once_around(ask, 300)


@ixfr("do not fit")
def removes_what_is_not_there(ask):
    yield steps(ask, ask.step([*ask.removed(), address(ask, "nobody")], ask.added()))


@ixfr("do not fit")
def removes_with_another_ttl(ask):
    gone = wire.record(ask.name("gone"), "A", bytes([192, 0, 2, 77]), ttl=61)
    yield steps(ask, ask.step([gone], ask.added()))


@ixfr("do not fit")
def removes_a_record_twice(ask):
    yield steps(ask, ask.step([*ask.removed(), ask.removed()[0]], ask.added()))


@ixfr("do not fit")
def adds_what_is_there(ask):
    yield steps(ask, ask.step(ask.removed(), [*ask.added(), ask.old.others[0]]))


@ixfr("do not fit")
def removes_the_ns_of_the_top(ask):
    top = [each for each in ask.old.others if each.startswith(ask.top())]
    yield steps(ask, ask.step([*top, *ask.removed()], ask.added()))


@ixfr("do not fit")
def adds_a_cname_beside_other_data(ask):
    yield steps(ask, ask.step(ask.removed(), [*ask.added(), wire.record(ask.name("www"), "CNAME", ask.top())]))


@ixfr("do not fit")
def the_second_step_does_not_fit(ask):
    yield ask.message([ask.soa(NEW_SERIAL + 1), *ask.step([], [address(ask, "x")]),
                       *ask.step([address(ask, "y")], [], NEW_SERIAL, NEW_SERIAL + 1), ask.soa(NEW_SERIAL + 1)])


@ixfr("a step from serial")
def a_step_from_another_serial(ask):
    yield steps(ask, ask.step(ask.removed(), ask.added(), before=OLD_SERIAL - 1))


@ixfr("a step from serial")
def a_hole_between_two_steps(ask):
    yield ask.message([ask.soa(NEW_SERIAL + 2), *ask.step(ask.removed(), ask.added()),
                       *ask.step([], [address(ask, "x")], NEW_SERIAL + 1, NEW_SERIAL + 2), ask.soa(NEW_SERIAL + 2)])


@ixfr("closed the connection")
def ends_with_another_serial_than_announced(ask):
    yield ask.message([ask.soa(NEW_SERIAL + 1), *ask.step(ask.removed(), ask.added()), ask.new.soa])


@ixfr("different SOA")
def two_records_for_one_serial(ask):
    other = ask.new.soa[:-4] + struct.pack("!I", 61)  # its last number, the TTL of denials
    yield ask.message([ask.new.soa, *ask.step(ask.removed(), ask.added()), other])


@ixfr("not newer")
def steps_that_go_back(ask):
    yield ask.message([ask.soa(NEW_SERIAL + 1), *ask.step([], []), *ask.step([], [], NEW_SERIAL, OLD_SERIAL),
                       ask.soa(NEW_SERIAL + 1)])


@ixfr("not newer")
def steps_to_what_is_older(ask):
    yield ask.message([ask.soa(OLD_SERIAL - 1), *ask.step([], [], OLD_SERIAL, OLD_SERIAL - 1),
                       ask.soa(OLD_SERIAL - 1)])


@ixfr("closed the connection")
def the_new_soa_alone_over_tcp(ask):
    """What RFC 1995 section 2 has for UDP."""
    yield ask.message([ask.new.soa])


@ixfr("as if that was UDP")
def more_than_udp_holds_over_tcp(ask):
    yield ask.message([ask.new.soa], flags=wire.RESPONSE | wire.TC)


@ixfr("closed the connection")
def additions_are_missing(ask):
    yield ask.message([ask.new.soa, ask.old.soa, *ask.removed()])


@ixfr("behind the last SOA")
def additions_behind_the_end(ask):
    yield ask.message([ask.new.soa, *ask.step(ask.removed(), []), ask.new.soa, *ask.added()])


@ixfr("more than 1048576 octets")
def steps_without_end(ask):
    yield ask.message([ask.soa(FAR)])
    for serial in itertools.count(OLD_SERIAL, 500):
        yield ask.message(itertools.chain(*(
            [bare_soa(serial + each), bare_soa(serial + each + 1)] for each in range(500))))


def bare_soa(serial):
    """Of few octets, and at the question's name."""
    return wire.record(b"\xc0\x0c", "SOA", b"\0\0" + struct.pack("!IIIII", serial, 900, 300, 604800, 600))


@ixfr("ZONEMD")
def steps_to_another_digest(ask):
    digest = wire.record(ask.top(), "ZONEMD", struct.pack("!IBB", NEW_SERIAL, 1, 1) + bytes(48))
    yield steps(ask, ask.step(ask.removed(), [*ask.added(), digest]))


@ixfr("malformed record")
def adds_bad_rdata(ask):
    yield steps(ask, ask.step(ask.removed(), [*ask.added(), wire.record(ask.name("x"), "A", bytes(5))]))


@ixfr("answers the question")
def ixfr_answers_another_question(ask):
    yield ask.message(ask.new.all(), questions=[wire.question(ask.zone.name, "SOA")])


# SOA


@soa("without authority")
def soa_without_authority(ask):
    yield ask.message([ask.new.soa], flags=wire.QR)


@soa("without the zone's SOA")
def soa_of_another_zone(ask):
    yield ask.message([wire.record(wire.name("evil."), "SOA", ask.new.soa[len(ask.top()) + 10:])])


@soa("without the zone's SOA")
def soa_of_another_class(ask):
    yield ask.message([wire.record(ask.top(), "SOA", ask.new.soa[len(ask.top()) + 10:], rdclass=3)])


@soa("SERVFAIL")
def soa_with_an_error(ask):
    yield ask.message(rcode=wire.SERVFAIL)


@soa("no DNS message")
def soa_with_rdata_that_is_cut(ask):
    yield ask.message([ask.new.soa])[:-5]


@soa("went back to")
def soa_with_an_older_serial(ask):
    yield ask.message([ask.soa(OLD_SERIAL - 1)])


@soa("no answer")
def soa_from_another_address(ask):
    yield Elsewhere(ask.message([ask.new.soa]))


@soa("no answer")
def soa_with_another_id(ask):
    yield ask.message([ask.new.soa], identity=ask.id ^ 1)


@soa("no answer")
def soa_for_another_question(ask):
    yield ask.message([ask.new.soa], questions=[wire.question("other.evil.", "SOA")])


@soa("no answer")
def soa_as_a_request(ask):
    yield ask.message([ask.new.soa], flags=wire.AA)


@soa("", "new")
def soa_behind_a_hundred_that_are_not_for_us(ask):
    for each in range(1, 100):
        yield ask.message([ask.soa(NEW_SERIAL + each)], identity=ask.id ^ each)
    yield ask.message([ask.new.soa])


@soa("", "new")
def soa_larger_than_udp_holds(ask):
    if ask.is_udp:
        yield ask.message(flags=wire.RESPONSE | wire.TC)
    else:
        yield ask.message([ask.new.soa])


@soa("sent something else")
def soa_over_tcp_for_another_question(ask):
    if ask.is_udp:
        yield ask.message(flags=wire.RESPONSE | wire.TC)
    else:
        yield ask.message([ask.new.soa], identity=ask.id ^ 1)


@soa("", "new")
def soa_in_many_octets(ask):
    yield ask.message([ask.new.soa, *(wire.record(b"\xc0\x0c", "TXT", b"\xff" + b"x" * 255) for _ in range(200))])
