"""How an evil primary signs (TSIG, RFC 8945), and how it ends TLS, one script for each way (evil_primary.py)."""
import wire
from evil_primary import ABORT, Scripts

SCRIPTS = Scripts()
axfr, soa = SCRIPTS.axfr, SCRIPTS.soa
BADSIG, BADKEY, BADTIME = 16, 17, 18
LATER = 3600  # seconds: more than clocks may differ


def halves(ask):
    records = ask.new.all()
    return ask.message(records[:3]), ask.message(records[3:])


# TSIG


@axfr("", "new", key=True)
def a_signature_over_three_messages(ask):
    """So that the others are known to fail for what is wrong with them."""
    first, second = halves(ask)
    yield ask.signer.sign(first)
    yield ask.signer.skip(ask.message())
    yield ask.signer.sign(second)


@axfr("is not signed", key=True)
def nothing_is_signed(ask):
    yield ask.message(ask.new.all())


@axfr("is not signed", key=True)
def the_first_message_is_not_signed(ask):
    first, second = halves(ask)
    yield ask.signer.skip(first)
    yield ask.signer.sign(second)


@axfr("last message of the answer is not signed", key=True)
def the_last_message_is_not_signed(ask):
    first, second = halves(ask)
    yield ask.signer.sign(first)
    yield second


@axfr("signature is wrong", key=True)
def an_unsigned_message_is_changed(ask):
    first, second = halves(ask)
    stranger = wire.record(ask.name("stranger"), "A", bytes(4))
    yield ask.signer.sign(first)
    ask.signer.skip(ask.message())
    yield ask.message([stranger])
    yield ask.signer.sign(second)


@axfr("signature is wrong", key=True)
def an_unsigned_message_is_left_out(ask):
    first, second = halves(ask)
    yield ask.signer.sign(first)
    ask.signer.skip(ask.message([wire.record(ask.name("left-out"), "A", bytes(4))]))
    yield ask.signer.sign(second)


@axfr("messages in a row are not signed", key=True)
def too_many_messages_in_a_row_are_not_signed(ask):
    first, second = halves(ask)
    yield ask.signer.sign(first)
    for _ in range(100):
        yield ask.signer.skip(ask.message())
    yield ask.signer.sign(second)


@axfr("signature is wrong", key=True)
def the_first_signature_again(ask):
    first, second = halves(ask)
    again = wire.Signer("evil.", ask.signer.secret, ask.signer.prior)
    yield ask.signer.sign(first)
    yield again.sign(second)


@axfr("signature is wrong", key=True)
def a_signature_with_another_bit(ask):
    yield ask.signer.sign(ask.message(ask.new.all()), spoil=True)


@axfr("signature is wrong", key=True)
def a_signature_over_another_request(ask):
    ask.signer.prior = bytes(32)
    yield ask.signer.sign(ask.message(ask.new.all()))


@axfr("signature is wrong", key=True)
def a_short_mac(ask):
    yield ask.signer.sign(ask.message(ask.new.all()), mac_octets=16)


@axfr("signature is wrong", key=True)
def a_mac_of_no_octets(ask):
    yield ask.signer.sign(ask.message(ask.new.all()), mac_octets=0)


@axfr("signed with another key", key=True)
def another_key(ask):
    yield ask.signer.sign(ask.message(ask.new.all()), key="other.")


@axfr("signed at another time", key=True)
def signed_in_the_future(ask):
    yield ask.signer.sign(ask.message(ask.new.all()), ahead=LATER)


@axfr("signed at another time", key=True)
def signed_long_ago(ask):
    yield ask.signer.sign(ask.message(ask.new.all()), ahead=-LATER)


@axfr("BADKEY", key=True)
def the_key_is_not_known_there(ask):
    yield ask.signer.sign(ask.message(rcode=wire.NOTAUTH), mac_octets=0, error=BADKEY)


@axfr("BADSIG", key=True)
def the_key_is_another_there(ask):
    yield ask.signer.sign(ask.message(rcode=wire.NOTAUTH), mac_octets=0, error=BADSIG)


@axfr("BADTIME", key=True)
def the_clock_is_another_there(ask):
    yield ask.signer.sign(ask.message(rcode=wire.NOTAUTH), error=BADTIME)


@axfr("BADSIG|is not signed|signature is wrong", key=True)
def records_under_a_refused_signature(ask):
    yield ask.signer.sign(ask.message(ask.new.all()), mac_octets=0, error=BADSIG)


@axfr("not its last record", key=True)
def a_record_behind_the_signature(ask):
    signed = ask.signer.sign(ask.message(ask.new.all()))
    behind = wire.record(b"\0", "TXT", b"\1x")
    yield signed[:10] + bytes([0, 2]) + signed[12:] + behind


@axfr("not its last record", key=True)
def two_signatures(ask):
    again = wire.Signer("evil.", ask.signer.secret, ask.signer.prior)
    yield again.sign(ask.signer.sign(ask.message(ask.new.all())))


@axfr("REFUSED", key=True)
def an_unsigned_refusal(ask):
    yield ask.message(rcode=wire.REFUSED)


@soa("is not signed", key=True)
def the_soa_is_not_signed(ask):
    yield ask.message([ask.new.soa])


@soa("", "new", key=True)
def the_soa_comes_forged_first(ask):
    """Anybody may send the first of them: the good one is waited for."""
    yield ask.message([ask.soa(5)])
    yield ask.signer.sign(ask.message([ask.new.soa]))


# TLS


@axfr("", "new", tls=True)
def tls_without_a_farewell(ask):
    """All has come; close_notify would say nothing more."""
    yield ask.message(ask.new.all())
    yield ABORT


@axfr("closed the connection|reset", tls=True)
def tls_cut_between_two_messages(ask):
    yield halves(ask)[0]
    yield ABORT


@axfr("closed the connection", tls=True)
def tls_ended_between_two_messages(ask):
    yield halves(ask)[0]


@axfr("closed the connection|reset", tls=True)
def tls_cut_before_the_first_message(ask):
    yield ABORT


@soa("closed the connection|reset", tls=True)
def tls_cut_before_the_soa(ask):
    yield ABORT
