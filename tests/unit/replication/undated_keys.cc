// Keys whose certificates are not valid at any time this test runs at. For tests only.
#include "tests/unit/replication/undated_keys.h"

#include <utility>

#include <gtest/gtest.h>

namespace tandem::testing {
namespace {

// Made with: openssl ca -selfsign -startdate 20010101000000Z -enddate 20010201000000Z
constexpr const char* kExpiredKey = R"(-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgt6iXUKuniC7fSEJ6
701S7Kdr5uENkCJRbIFwnbIXZ2WhRANCAAS3LJ7Ael5YzV5cg5QaJYGyRHmADW6P
W00z+kC71mxrnzwAmdkuYsn+Fm2LwTkbT4CX0F1r28hcVaTwXv7WutZY
-----END PRIVATE KEY-----
)";

constexpr const char* kExpiredCertificate = R"(-----BEGIN CERTIFICATE-----
MIIBEjCBugIBATAKBggqhkjOPQQDAjAWMRQwEgYDVQQDDAt0YW5kZW0tdGVzdDAe
Fw0wMTAxMDEwMDAwMDBaFw0wMTAyMDEwMDAwMDBaMBYxFDASBgNVBAMMC3RhbmRl
bS10ZXN0MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEtyyewHpeWM1eXIOUGiWB
skR5gA1uj1tNM/pAu9Zsa588AJnZLmLJ/hZti8E5G0+Al9Bda9vIXFWk8F7+1rrW
WDAKBggqhkjOPQQDAgNHADBEAiALuDb5GJzst8JOdmHmTN3tVMTFi/c7PBRR1Lf/
T2FboAIgEWkWHofTDbPk8bdmBN7JfTp2TaboTUS898CVfKgI72A=
-----END CERTIFICATE-----
)";

// Made with: openssl ca -selfsign -startdate 20900101000000Z -enddate 20910101000000Z
constexpr const char* kFutureKey = R"(-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgP+zf749ggtb4aED0
R+62m7nw0jNoYO4wZOdqaeWRs/mhRANCAAQwRuUkUpMl9lV35j2mikP59nd84yCH
215XlRDpMxAKj6iI5gX17f4UdYmXALI4020mSorvjskqaIqkVnFXgoNp
-----END PRIVATE KEY-----
)";

constexpr const char* kFutureCertificate = R"(-----BEGIN CERTIFICATE-----
MIIBFjCBvgIBATAKBggqhkjOPQQDAjAWMRQwEgYDVQQDDAt0YW5kZW0tdGVzdDAi
GA8yMDkwMDEwMTAwMDAwMFoYDzIwOTEwMTAxMDAwMDAwWjAWMRQwEgYDVQQDDAt0
YW5kZW0tdGVzdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABDBG5SRSkyX2VXfm
PaaKQ/n2d3zjIIfbXleVEOkzEAqPqIjmBfXt/hR1iZcAsjjTbSZKiu+OySpoiqRW
cVeCg2kwCgYIKoZIzj0EAwIDRwAwRAIgUkrlISSOb0PqquP/OLWutaDlF0NOPtPK
9aMCnQn+yFwCIGrNOw/W+h8J3D7jvoqe7Nze8rfBA/1ebVDZL1F/gWT9
-----END CERTIFICATE-----
)";

NodeKey key_of(const char* private_key, const char* certificate) {
  NodeKey key{private_key, certificate, {}};
  auto pin = KeyPin::of_certificate(certificate);
  EXPECT_TRUE(pin.has_value());
  key.pin = pin.value_or(KeyPin());
  return key;
}

}  // namespace

NodeKey expired_key() {
  return key_of(kExpiredKey, kExpiredCertificate);
}

NodeKey not_yet_valid_key() {
  return key_of(kFutureKey, kFutureCertificate);
}

}  // namespace tandem::testing
