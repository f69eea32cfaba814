// Rdata text that is refused, and what is said about it.
#include "tests/unit/dns/rdata_rows.h"

namespace tandem::testing {

std::string_view bad_rdata_text_table() {
  return R"table(
A |  | A record needs an IPv4 address, got nothing
A | 14.6.220 | A record needs an IPv4 address, got "14.6.220"
A | 1.2.3.256 | A record needs an IPv4 address, got "1.2.3.256"
A | 01.2.3.4 | A record needs an IPv4 address, got "01.2.3.4"
A | 1.2.3.4.5 | A record needs an IPv4 address, got "1.2.3.4.5"
A | 1.2.3.4 ; a comment | A record: `;` begins a comment; quote the text
A | 1.2.3.4 x | A record needs nothing more, got "x"
A | "1.2.3.4" | A record needs an IPv4 address, got the quoted text "1.2.3.4"
A | \# 5 0102030405 | A rdata of 5 octets has 1 too many
A | \# 4 010203 | A record needs 4 octets as pairs of hex digits after \# 4
A | \# x 01 | A record needs a number from 0 to 65535, got "x"
A | \# 4 0102030g | A record needs 4 octets as pairs of hex digits after \# 4
NS |  | NS record needs a domain name, got nothing
NS | a..b | NS record needs a domain name: "a..b" has an empty label
NS | .a | NS record needs a domain name: ".a" has an empty label
NS | xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx | NS record needs a domain name: "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx..." has a label of more than 63 octets
NS | a\256 | NS record needs a domain name: a backslash needs one character or three digits up to 255 after it
NS | a\ | NS record needs a domain name: a backslash needs one character or three digits up to 255 after it
NS | "ns1" | NS record needs a domain name, got the quoted text "ns1"
NS | a b | NS record needs nothing more, got "b"
NS | \# 2 c000 | NS rdata of 2 octets has no whole domain name where one belongs
CNAME | a. b. | CNAME record needs nothing more, got "b."
CNAME | aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa | CNAME record needs a domain name: "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa..." has more than 255 octets with its origin
SOA | ns1 host 1 2 3 4 | SOA record needs a time in seconds or units such as 1h30m, got nothing
SOA | ns1 host 4294967296 1 1 1 1 | SOA record needs a number from 0 to 4294967295, got "4294967296"
SOA | ns1 host 1 1x 1 1 1 | SOA record needs a time in seconds or units such as 1h30m, got "1x"
SOA | ns1 host 1h 1 1 1 1 | SOA record needs a number from 0 to 4294967295, got "1h"
SOA | ns1 host 1 1 1 1 99999999999 | SOA record needs a time in seconds or units such as 1h30m, got "99999999999"
PTR |  | PTR record needs a domain name, got nothing
PTR | a b c | PTR record needs nothing more, got "b"
TXT | semi;colon | TXT record: `;` begins a comment; quote the text
TXT | "a" ;"b" | TXT record: `;` begins a comment; quote the text
TXT | "a\";b" c\;d ; | TXT record: `;` begins a comment; quote the text
HINFO | cpu | HINFO record needs a string, got nothing
HINFO | a b c | HINFO record needs nothing more, got "c"
MX | mail | MX record needs a number from 0 to 65535, got "mail"
MX | 65536 mail | MX record needs a number from 0 to 65535, got "65536"
MX | -1 mail | MX record needs a number from 0 to 65535, got "-1"
MX | 10 | MX record needs a domain name, got nothing
TXT |  | TXT record needs a string, got nothing
TXT | "\300" | TXT record needs one character or three digits up to 255 after each backslash, got the quoted text "\300"
TXT | a\ | TXT record needs one character or three digits up to 255 after each backslash, got "a\"
TXT | "unclosed | TXT record: quoted text is not closed on its line, expected a second "
TXT | ( a | TXT record: parenthesis is never closed
TXT | a ) b | TXT record: closing parenthesis without an opening one
RP | host | RP record needs a domain name, got nothing
AFSDB | 1 | AFSDB record needs a domain name, got nothing
AAAA | 2001:db8::1::2 | AAAA record needs an IPv6 address, got "2001:db8::1::2"
AAAA | 2001:db8 | AAAA record needs an IPv6 address, got "2001:db8"
AAAA | 1:2:3:4:5:6:7:8:9 | AAAA record needs an IPv6 address, got "1:2:3:4:5:6:7:8:9"
AAAA | 1:2:3:4:5:6:7:8:: | AAAA record needs an IPv6 address, got "1:2:3:4:5:6:7:8::"
AAAA | ::12345 | AAAA record needs an IPv6 address, got "::12345"
AAAA | ::1%eth0 | AAAA record needs an IPv6 address, got "::1%eth0"
AAAA | :1 | AAAA record needs an IPv6 address, got ":1"
AAAA | 192.0.2.1 | AAAA record needs an IPv6 address, got "192.0.2.1"
LOC | 91 N 0 E 0 | LOC record needs a latitude such as 52 22 23.000 N, got "N"
LOC | 52 60 0 N 4 0 0 E 0m | LOC record needs a latitude such as 52 22 23.000 N, got "60"
LOC | 52 22 60.000 N 4 0 0 E 0m | LOC record needs a latitude such as 52 22 23.000 N, got "60.000"
LOC | 90 0 0.001 N 0 E 0 | LOC record needs a latitude such as 52 22 23.000 N, got "N"
LOC | 52 N 181 E 0m | LOC record needs a longitude such as 4 53 32.000 E, got "E"
LOC | 52 22 23.0001 N 4 E 0m | LOC record needs a latitude such as 52 22 23.000 N, got "23.0001"
LOC | 52 N 4 N 0m | LOC record needs a longitude such as 4 53 32.000 E, got "N"
LOC | 52 N 4 E | LOC record needs an altitude from -100000.00m to 42849672.95m, got nothing
LOC | 52 N 4 E -100000.01m | LOC record needs an altitude from -100000.00m to 42849672.95m, got "-100000.01m"
LOC | 52 N 4 E 0m 90000000.01m | LOC record needs a size or precision from 0.00m to 90000000.00m, got "90000000.01m"
LOC | 52 N 4 E 0m 1m 1m 1m 1m | LOC record needs nothing more, got "1m"
SRV | 0 5 5060 | SRV record needs a domain name, got nothing
SRV | 0 5 65536 sip | SRV record needs a number from 0 to 65535, got "65536"
NAPTR | 100 50 "s" "z" "" | NAPTR record needs a domain name, got nothing
NAPTR | x 50 "s" "z" "" . | NAPTR record needs a number from 0 to 65535, got "x"
KX | 10 | KX record needs a domain name, got nothing
CERT | FOO 1 8 AA== | CERT record needs a certificate type's number or name, got "FOO"
CERT | PKIX 1 FOO AA== | CERT record needs an algorithm's number or name, got "FOO"
CERT | 1 1 8 | CERT record needs octets in base64, got nothing
CERT | 1 1 8 AA= | CERT record needs octets in base64, got "AA="
DNAME |  | DNAME record needs a domain name, got nothing
APL | 3:1.2.3.4/8 | APL record needs address prefixes such as 1:192.0.2.0/24 or !2:2001:db8::/32, got "3:1.2.3.4/8"
APL | 1:1.2.3.4 | APL record needs address prefixes such as 1:192.0.2.0/24 or !2:2001:db8::/32, got "1:1.2.3.4"
APL | 1:1.2.3.4/33 | APL record needs address prefixes such as 1:192.0.2.0/24 or !2:2001:db8::/32, got "1:1.2.3.4/33"
APL | 2:::/129 | APL record needs address prefixes such as 1:192.0.2.0/24 or !2:2001:db8::/32, got "2:::/129"
APL | 192.0.2.0/24 | APL record needs address prefixes such as 1:192.0.2.0/24 or !2:2001:db8::/32, got "192.0.2.0/24"
DS | 60485 5 1 2BB183 | DS record has a digest of 3 octets, expected 20 for digest type 1
DS | 60485 5 1 | DS record needs octets as pairs of hex digits, got nothing
DS | 60485 5 256 00 | DS record needs a number from 0 to 255, got "256"
DS | 1 253 200 0 | DS record needs octets as pairs of hex digits, got "0"
SSHFP | 1 1 | SSHFP record needs octets as pairs of hex digits, got nothing
SSHFP | 1 1 zz | SSHFP record needs octets as pairs of hex digits, got "zz"
IPSECKEY | 10 4 2 . AQ== | IPSECKEY record needs a number from 0 to 3, got "4"
IPSECKEY | 10 0 2 gateway AQ== | IPSECKEY record needs a single dot for gateway type 0, got "gateway"
IPSECKEY | 10 1 2 gateway AQ== | IPSECKEY record needs an IPv4 address, got "gateway"
IPSECKEY | 10 0 0 . AQ== | IPSECKEY record needs nothing more, got "AQ=="
RRSIG | SOA 13 1 3600 20240230000000 20240101000000 1 example. AA== | RRSIG record needs a time as YYYYMMDDHHmmSS or in seconds since 1970, got "20240230000000"
RRSIG | SOA 13 1 3600 20240201240000 20240101000000 1 example. AA== | RRSIG record needs a time as YYYYMMDDHHmmSS or in seconds since 1970, got "20240201240000"
RRSIG | SOA 13 1 3600 21060207062816 20240101000000 1 example. AA== | RRSIG record needs a time as YYYYMMDDHHmmSS or in seconds since 1970, got "21060207062816"
RRSIG | FOO 13 1 3600 1 1 1 example. AA== | RRSIG record needs a record type, got "FOO"
RRSIG | SOA 13 1 3600 1 1 1 example. | RRSIG record needs octets in base64, got nothing
NSEC | host | NSEC record needs at least one record type, got nothing
NSEC | host FOO | NSEC record needs record types, got "FOO"
DNSKEY | 257 3 13 | DNSKEY record needs octets in base64, got nothing
DNSKEY | 257 3 13 A=== | DNSKEY record needs octets in base64, got "A==="
DHCID |  | DHCID record needs octets in base64, got nothing
DHCID | * | DHCID record needs octets in base64, got "*"
NSEC3 | 1 1 12 -  | NSEC3 record needs a hash of at most 255 octets in base32hex, got nothing
NSEC3 | 1 1 12 abc 00 | NSEC3 record needs a salt of at most 255 octets as pairs of hex digits, or -, got "abc"
NSEC3 | 1 1 12 - w | NSEC3 record needs a hash of at most 255 octets in base32hex, got "w"
NSEC3PARAM | 1 0 12 | NSEC3PARAM record needs a salt of at most 255 octets as pairs of hex digits, or -, got nothing
NSEC3PARAM | 1 0 12 "-" | NSEC3PARAM record needs a salt of at most 255 octets as pairs of hex digits, or -, got the quoted text "-"
TLSA | 3 1 1 | TLSA record needs octets as pairs of hex digits, got nothing
TLSA | 3 1 1 0 | TLSA record needs octets as pairs of hex digits, got "0"
SMIMEA | 3 1 | SMIMEA record needs a number from 0 to 255, got nothing
HIP | 2 2001 | HIP record needs a public key in base64 without spaces, got nothing
HIP | 2 - AA== | HIP record needs an identity tag as pairs of hex digits, got "-"
HIP | 2 00 AA== a..b | HIP record needs a domain name: "a..b" has an empty label
CDS | 0 0 0 | CDS record needs octets as pairs of hex digits, got nothing
CDS | 1 13 2 00 | CDS record has a digest of 1 octets, expected 32 for digest type 2
CDNSKEY | 0 3 0 | CDNSKEY record needs octets in base64, got nothing
OPENPGPKEY |  | OPENPGPKEY record needs octets in base64, got nothing
OPENPGPKEY | mQENBFI | OPENPGPKEY record needs octets in base64, got "mQENBFI"
CSYNC | 66 | CSYNC record needs a number from 0 to 65535, got nothing
CSYNC | 66 65536 A | CSYNC record needs a number from 0 to 65535, got "65536"
CSYNC | 66 3 FOO | CSYNC record needs record types, got "FOO"
ZONEMD | 1 1 1 00 | ZONEMD record has a digest of 1 octets, expected 48 for hash algorithm 1
ZONEMD | 1 240 240 0011223344556677889900 | ZONEMD record has a digest of 11 octets, expected at least 12
SVCB | 1 | SVCB record needs a domain name, got nothing
SVCB | 1 foo alpn= | SVCB record needs alpn with a list of protocol ids, got "alpn="
SVCB | 1 foo alpn=h2, | SVCB record needs alpn with a list of protocol ids, got "alpn=h2,"
SVCB | 1 foo alpn="h2\\x" | SVCB record needs alpn with a list of protocol ids, got the quoted text "h2\\x"
SVCB | 1 foo port=65536 | SVCB record needs port with a number from 0 to 65535, got "port=65536"
SVCB | 1 foo port="" | SVCB record needs port with a number from 0 to 65535, got the quoted text ""
SVCB | 1 foo port=1 port=2 | SVCB record has the same parameter twice
SVCB | 1 foo key3=x | SVCB record needs port with a number from 0 to 65535, got "key3=x"
SVCB | 1 foo mandatory=alpn | SVCB record lacks a parameter that it lists as mandatory
SVCB | 1 foo mandatory=mandatory | SVCB record needs mandatory with a list of keys, got "mandatory=mandatory"
SVCB | 1 foo mandatory=alpn,alpn alpn=h2 | SVCB record needs mandatory with a list of keys, got "mandatory=alpn,alpn"
SVCB | 1 foo no-default-alpn | SVCB record has no-default-alpn without alpn
SVCB | 1 foo no-default-alpn=1 alpn=h2 | SVCB record needs no-default-alpn with no value, got "no-default-alpn=1"
SVCB | 1 foo ipv4hint=192.0.2.1, | SVCB record needs ipv4hint with a list of IPv4 addresses, got "ipv4hint=192.0.2.1,"
SVCB | 1 foo ipv6hint=192.0.2.1 | SVCB record needs ipv6hint with a list of IPv6 addresses, got "ipv6hint=192.0.2.1"
SVCB | 1 foo ech=* | SVCB record needs ech with octets in base64, got "ech=*"
SVCB | 1 foo key065=1 | SVCB record needs a parameter such as alpn=h2 or key65280=value, got "key065=1"
SVCB | 1 foo key65535=1 | SVCB record needs a parameter such as alpn=h2 or key65280=value, got "key65535=1"
SVCB | 1 foo bar=1 | SVCB record needs a parameter such as alpn=h2 or key65280=value, got "bar=1"
SVCB | 1 foo "alpn=h2" | SVCB record needs a parameter such as alpn=h2 or key65280=value, got the quoted text "alpn=h2"
SVCB | 1 foo alpn= "h2" | SVCB record needs alpn with a list of protocol ids, got "alpn="
HTTPS | x . | HTTPS record needs a number from 0 to 65535, got "x"
SPF |  | SPF record needs a string, got nothing
NID | 10 0014:4fff:ff20 | NID record needs four groups of hex digits such as 2001:db8:1140:1000, got "0014:4fff:ff20"
NID | 10 0014:4fff:ff20:ee64:1 | NID record needs four groups of hex digits such as 2001:db8:1140:1000, got "0014:4fff:ff20:ee64:1"
NID | 10 0014:4fff:ff20:10000 | NID record needs four groups of hex digits such as 2001:db8:1140:1000, got "0014:4fff:ff20:10000"
L32 | 10 10.1.2 | L32 record needs an IPv4 address, got "10.1.2"
L64 | 10 2001::1 | L64 record needs four groups of hex digits such as 2001:db8:1140:1000, got "2001::1"
LP | 10 | LP record needs a domain name, got nothing
EUI48 | 00-00-5e-00-53 | EUI48 record needs six octets such as 00-00-5e-00-53-2a, got "00-00-5e-00-53"
EUI48 | 00:00:5e:00:53:2a | EUI48 record needs six octets such as 00-00-5e-00-53-2a, got "00:00:5e:00:53:2a"
EUI48 | 00-00-5e-00-53-2g | EUI48 record needs six octets such as 00-00-5e-00-53-2a, got "00-00-5e-00-53-2g"
EUI64 | 00-00-5e-ef-10-00-00 | EUI64 record needs eight octets such as 00-00-5e-ef-10-00-00-2a, got "00-00-5e-ef-10-00-00"
URI | 10 1 "" | URI record needs a URI, got the quoted text ""
URI | 10 1 | URI record needs a value, got nothing
CAA | 0 "" value | CAA record needs a tag of letters and digits, got the quoted text ""
CAA | 0 is-sue value | CAA record needs a tag of letters and digits, got "is-sue"
CAA | 256 issue value | CAA record needs a number from 0 to 255, got "256"
CAA | 0 issue | CAA record needs a value, got nothing
TYPE65280 | abc | TYPE65280 record needs \#, a length and hex digits, as its form is not known, got "abc"
TYPE65280 | \# 2 00 | TYPE65280 record needs 2 octets as pairs of hex digits after \# 2
SOA | ns1 host "1" 1 1 1 1 | SOA record needs a number from 0 to 4294967295, got the quoted text "1"
SOA | ns1 host 1 "1" 1 1 1 | SOA record needs a time in seconds or units such as 1h30m, got the quoted text "1"
AAAA | "::1" | AAAA record needs an IPv6 address, got the quoted text "::1"
DS | 1 "5" 200 00 | DS record needs an algorithm's number or name, got the quoted text "5"
DS | 1 5 200 "00" | DS record needs octets as pairs of hex digits, got the quoted text "00"
RRSIG | "A" 13 1 3600 1 1 1 . AA== | RRSIG record needs a record type, got the quoted text "A"
RRSIG | A 13 1 3600 "1" 1 1 . AA== | RRSIG record needs a time as YYYYMMDDHHmmSS or in seconds since 1970, got the quoted text "1"
RRSIG | A 13 1 3600 2024020100000x 1 1 . AA== | RRSIG record needs a time as YYYYMMDDHHmmSS or in seconds since 1970, got "2024020100000x"
RRSIG | A 13 1 3600 20241301000000 1 1 . AA== | RRSIG record needs a time as YYYYMMDDHHmmSS or in seconds since 1970, got "20241301000000"
RRSIG | A 13 1 3600 19691231235959 1 1 . AA== | RRSIG record needs a time as YYYYMMDDHHmmSS or in seconds since 1970, got "19691231235959"
RRSIG | A 13 1 3600 20240201006000 1 1 . AA== | RRSIG record needs a time as YYYYMMDDHHmmSS or in seconds since 1970, got "20240201006000"
RRSIG | A 13 1 3600 20240201000060 1 1 . AA== | RRSIG record needs a time as YYYYMMDDHHmmSS or in seconds since 1970, got "20240201000060"
NSEC | . "A" | NSEC record needs record types, got the quoted text "A"
NSEC3 | 1 1 12 - "00" | NSEC3 record needs a hash of at most 255 octets in base32hex, got the quoted text "00"
CDNSKEY | 0 3 0 "AA==" | CDNSKEY record needs octets in base64, got the quoted text "AA=="
LOC | "52" N 4 E 0m | LOC record needs a latitude such as 52 22 23.000 N, got the quoted text "52"
LOC | 52 "N" 4 E 0m | LOC record needs a latitude such as 52 22 23.000 N, got the quoted text "N"
LOC | 52 N 4 E "0m" | LOC record needs an altitude from -100000.00m to 42849672.95m, got the quoted text "0m"
LOC | 52 N 4 E 0m "1m" | LOC record needs a size or precision from 0.00m to 90000000.00m, got the quoted text "1m"
LOC | 52. N 4 E 0m | LOC record needs a latitude such as 52 22 23.000 N, got "52."
LOC | .5 N 4 E 0m | LOC record needs a latitude such as 52 22 23.000 N, got ".5"
LOC | 52 N 4 E 1.005m | LOC record needs an altitude from -100000.00m to 42849672.95m, got "1.005m"
APL | "1:192.0.2.0/24" | APL record needs address prefixes such as 1:192.0.2.0/24 or !2:2001:db8::/32, got the quoted text "1:192.0.2.0/24"
IPSECKEY | 10 0 2 "." AQ== | IPSECKEY record needs a single dot for gateway type 0, got the quoted text "."
HIP | 2 "00" AA== | HIP record needs an identity tag as pairs of hex digits, got the quoted text "00"
HIP | 2 00 "AA==" | HIP record needs a public key in base64 without spaces, got the quoted text "AA=="
NID | 1 "1:2:3:4" | NID record needs four groups of hex digits such as 2001:db8:1140:1000, got the quoted text "1:2:3:4"
NID | 1 1:2:3:g | NID record needs four groups of hex digits such as 2001:db8:1140:1000, got "1:2:3:g"
EUI48 | "00-00-5e-00-53-2a" | EUI48 record needs six octets such as 00-00-5e-00-53-2a, got the quoted text "00-00-5e-00-53-2a"
EUI64 | 00-00-5e-ef-10-00-00_2a | EUI64 record needs eight octets such as 00-00-5e-ef-10-00-00-2a, got "00-00-5e-ef-10-00-00_2a"
CAA | 0 issue "\300" | CAA record needs one character or three digits up to 255 after each backslash, got the quoted text "\300"
CAA | 0 "iss ue" x | CAA record needs a tag of letters and digits, got the quoted text "iss ue"
SVCB | 1 foo alpn="\300" | SVCB record needs one character or three digits up to 255 after each backslash, got the quoted text "\300"
SVCB | 1 foo key | SVCB record needs a parameter such as alpn=h2 or key65280=value, got "key"
SVCB | 1 foo key65280="\300" | SVCB record needs one character or three digits up to 255 after each backslash, got the quoted text "\300"
SVCB | 1 foo =h2 | SVCB record needs a parameter such as alpn=h2 or key65280=value, got "=h2"
SVCB | 1 foo mandatory=port,foo port=1 | SVCB record needs mandatory with a list of keys, got "mandatory=port,foo"
SVCB | 1 foo alpn=,h2 | SVCB record needs alpn with a list of protocol ids, got "alpn=,h2"
SVCB | 1 foo alpn="h2\\" | SVCB record needs alpn with a list of protocol ids, got the quoted text "h2\\"
URI | 1 1 "\300" | URI record needs one character or three digits up to 255 after each backslash, got the quoted text "\300"
TXT | "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" | TXT record has a string of 256 octets, at most 255 fit: split it into several strings
)table";
}

}  // namespace tandem::testing
