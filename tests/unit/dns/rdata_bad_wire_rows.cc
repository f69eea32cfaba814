// Rdata octets that are refused, and what is said about them.
#include "tests/unit/dns/rdata_rows.h"

namespace tandem::testing {

std::string_view bad_rdata_wire_table() {
  return R"table(
A |  | ends inside a field
A | 010203 | ends inside a field
A | 0102030405 | has 1 too many
NS |  | has no whole domain name where one belongs
NS | 0378 | has no whole domain name where one belongs
NS | c000 | has no whole domain name where one belongs
NS | 0000 | has 1 too many
CNAME | 4078 | has no whole domain name where one belongs
SOA | 0000 00000001 00000001 00000001 00000001 000000 | ends inside a field
SOA | 0000 00000001 00000001 00000001 00000001 0000000100 | has 1 too many
PTR | 016100016200 | has 3 too many
HINFO | 0161 | ends inside a field
HINFO | 01610261 | ends inside a field
HINFO | 0161016100 | has 1 too many
MX | 000a | has no whole domain name where one belongs
MX | 00 | ends inside a field
TXT |  | has no string, expected at least one
TXT | 0361 62 | has a string of 3 octets with 2 left
TXT | 016103 | has a string of 3 octets with 0 left
RP | 00 | has no whole domain name where one belongs
RP | 000000 | has 1 too many
AFSDB | 0001 | has no whole domain name where one belongs
AAAA | 20010db8000000000000000000000001 00 | has 1 too many
AAAA | 20010db80000000000000000000000 | ends inside a field
LOC | 0112161380000000800000000098967f | is not 16 octets of version 0
LOC | 00121613800000008000000000989 67f00 | is not 16 octets of version 0
LOC | 00a21613800000008000000000989680 | has a size or precision that is not a digit and a power of ten
LOC | 00121a13800000008000000000989680 | has a size or precision that is not a digit and a power of ten
LOC | 00121601800000008000000000989680 | has a size or precision that is not a digit and a power of ten
LOC | 00121613934fd9018000000000989680 | has a latitude beyond 90 or a longitude beyond 180 degrees
LOC | 00121613800000005960 4dff00989680 | has a latitude beyond 90 or a longitude beyond 180 degrees
SRV | 0000000013c4 | has no whole domain name where one belongs
SRV | 00000000 13 | ends inside a field
NAPTR | 000a000a0000 | ends inside a field
NAPTR | 000a000a000000 | has no whole domain name where one belongs
KX | 000ac000 | has no whole domain name where one belongs
CERT | 0001000008 | ends before its last field
CERT | 000100 | ends inside a field
DNAME | c00c | has no whole domain name where one belongs
DNAME |  | has no whole domain name where one belongs
APL | 000318 01 0a | has an address prefix of an unknown family or a wrong length
APL | 00011801 | has an address prefix of an unknown family or a wrong length
APL | 0001180200 00 | has an address prefix of an unknown family or a wrong length
APL | 000118050102030405 | has an address prefix of an unknown family or a wrong length
APL | 00012100 | has an address prefix of an unknown family or a wrong length
APL | 00028100 | has an address prefix of an unknown family or a wrong length
APL | 000118 | has an address prefix of an unknown family or a wrong length
DS | ec450501 | ends before its last field
DS | ec45050101 | has a digest of 1 octets, expected 20 for digest type 1
DS | ec45 | ends inside a field
SSHFP | 0101 | ends before its last field
IPSECKEY | 0a00 | is too short or has a gateway type above 3
IPSECKEY | 0a040201 | is too short or has a gateway type above 3
IPSECKEY | 0a0102c00002 | has no whole gateway of type 1
IPSECKEY | 0a0202c0000226 | has no whole gateway of type 2
IPSECKEY | 0a0302c00c | has no whole gateway of type 3
IPSECKEY | 0a000001 | has a key, but algorithm 0 says that there is none
RRSIG | 00010801 00000e10 65bae000 65920080 3039 00 | ends before its last field
RRSIG | 00010801 00000e10 65bae000 65920080 3039 c00c 00 | has no whole domain name where one belongs
RRSIG | 00010801 00000e10 65bae000 | ends inside a field
NSEC | 00 | has no types, expected at least one
NSEC | 00 0000 | has a type bitmap window of a wrong length, expected 1 to 32
NSEC | 00 000140 000140 | has type bitmap windows out of order
NSEC | 00 010140 000140 | has type bitmap windows out of order
NSEC | 00 00024000 | has a type bitmap window that ends with a zero octet
NSEC | 00 000240 | has a type bitmap window of a wrong length, expected 1 to 32
NSEC | 00 0021000000000000000000000000000000000000000000000000000000000000000001 | has a type bitmap window of a wrong length, expected 1 to 32
NSEC | 00 00 | has a type bitmap window of a wrong length, expected 1 to 32
DNSKEY | 01010308 | ends before its last field
DNSKEY | 0101 | ends inside a field
DHCID |  | ends before its last field
NSEC3 | 0100000a 00 00 | has an empty hash
NSEC3 | 0100000a 05 00 | ends inside a field
NSEC3 | 0100000a 00 0200 | ends inside a field
NSEC3 | 0100000a 00 0100 0000 | has a type bitmap window of a wrong length, expected 1 to 32
NSEC3PARAM | 0100000a | ends inside a field
NSEC3PARAM | 0100000a 01 | ends inside a field
NSEC3PARAM | 0100000a 00 00 | has 1 too many
TLSA | 030101 | ends before its last field
SMIMEA | 0301 | ends inside a field
HIP | 10020001 | has an identity tag of 16 and a key of 1 octets in 0
HIP | 00020001 01 | has an identity tag of 0 and a key of 1 octets in 1
HIP | 01020000 01 | has an identity tag of 1 and a key of 0 octets in 1
HIP | 01020001 0101 c004 | has a rendezvous server that is no domain name
HIP | 0102 | ends before its identity
CDS | 00000000 | ends before its last field
CDS | 0000000200 | has a digest of 1 octets, expected 32 for digest type 2
CDNSKEY | 00000300 | ends before its last field
OPENPGPKEY |  | ends before its last field
CSYNC | 0000004200 | ends inside a field
CSYNC | 000000420003 0000 | has a type bitmap window of a wrong length, expected 1 to 32
ZONEMD | 00000001 01 01 | ends before its last field
ZONEMD | 00000001 01 01 00 | has a digest of 1 octets, expected 48 for hash algorithm 1
ZONEMD | 00000001 f0 f0 0001020304050607080910 | has a digest of 11 octets, expected at least 12
SVCB | 0001 | has no whole domain name where one belongs
SVCB | 0001 00 0001 | has a service parameter that runs over the end
SVCB | 0001 00 0001 0004 0268 | has a service parameter that runs over the end
SVCB | 0001 00 0003 0002 0035 0001 0003 026832 | has service parameters out of order
SVCB | 0001 00 0003 0002 0035 0003 0002 0035 | has service parameters out of order
SVCB | 0001 00 ffff 0000 | has service parameters out of order
SVCB | 0001 00 0001 0000 | has a malformed value of alpn, expected a list of protocol ids
SVCB | 0001 00 0001 0001 00 | has a malformed value of alpn, expected a list of protocol ids
SVCB | 0001 00 0001 0002 0268 | has a malformed value of alpn, expected a list of protocol ids
SVCB | 0001 00 0003 0001 35 | has a malformed value of port, expected a number from 0 to 65535
SVCB | 0001 00 0004 0000 | has a malformed value of ipv4hint, expected a list of IPv4 addresses
SVCB | 0001 00 0004 0005 c000020101 | has a malformed value of ipv4hint, expected a list of IPv4 addresses
SVCB | 0001 00 0006 0004 c0000201 | has a malformed value of ipv6hint, expected a list of IPv6 addresses
SVCB | 0001 00 0005 0000 | has a malformed value of ech, expected octets in base64
SVCB | 0001 00 0001 0003 026832 0002 0001 00 | has a malformed value of no-default-alpn, expected no value
SVCB | 0001 00 0002 0000 | has no-default-alpn without alpn
SVCB | 0001 00 0000 0000 | has a malformed value of mandatory, expected a list of keys
SVCB | 0001 00 0000 0002 0000 | has a malformed value of mandatory, expected a list of keys
SVCB | 0001 00 0000 0004 0003 0003 0003 0002 0035 | has a malformed value of mandatory, expected a list of keys
SVCB | 0001 00 0000 0002 0003 | lacks a parameter that it lists as mandatory
HTTPS | 0001 c00c | has no whole domain name where one belongs
SPF | 05 | has a string of 5 octets with 0 left
NID | 000a 00144fffff20ee | ends inside a field
NID | 000a 00144fffff20ee6400 | has 1 too many
L32 | 000a 0a0102 | ends inside a field
L64 | 000a 20010db811401000 00 | has 1 too many
LP | 000a c00c | has no whole domain name where one belongs
EUI48 | 00005e0053 | ends inside a field
EUI48 | 00005e00532a00 | has 1 too many
EUI64 | 00005eef1000002a00 | has 1 too many
URI | 000a0001 | ends before its last field
URI | 000a00 | ends inside a field
CAA | 00 | ends inside a field
CAA | 00 00 | has a tag that is not of letters and digits
CAA | 00 05 69737375 | ends inside a field
CAA | 00 03 692d73 | has a tag that is not of letters and digits
)table";
}

}  // namespace tandem::testing
