// What clients of every kind see: good ones, and those that send too much, too slowly, nonsense or
// nothing.
#include "common/net/http_server.h"

#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <unistd.h>

#include <gtest/gtest.h>

#include "tests/support/eventually.h"
#include "tests/unit/net/http_raw_client.h"

namespace tandem {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kShort{60};
constexpr std::size_t kClients = 32;

/// Keeps what the handler is given, for tests that answer later.
class Waiting {
 public:
  void put(HttpRespond respond) {
    const std::lock_guard lock(mutex_);
    responds_.push_back(std::move(respond));
    changed_.notify_all();
  }

  HttpRespond take() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !responds_.empty(); });
    HttpRespond first = std::move(responds_.front());
    responds_.erase(responds_.begin());
    return first;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<HttpRespond> responds_;
};

HttpResponse text(std::string body) {
  return {.status = 200, .content_type = "text/plain", .body = std::move(body)};
}

/// `METHOD path|name=value...|header names|body`: all that a handler can see of a request.
std::string echo_of(const HttpRequest& request) {
  std::string out = request.method + " " + request.path;
  for (const auto& [name, value] : request.query) {
    out.append("|").append(name).append("=").append(value);
  }
  return out + "|" + request.header("reason") + "|" + request.body;
}

class Http : public ::testing::Test {
 public:
  void SetUp() override {
    std::string made = ::testing::TempDir() + "httpXXXXXX";
    folder = ::mkdtemp(made.data());
    options.unix_socket = folder / "api.sock";
    options.listen = {"127.0.0.1:0"};
  }

  void TearDown() override {
    server.reset();
    std::filesystem::remove_all(folder);
  }

  void start(HttpHandler handler) {
    auto started = HttpServer::start(options, std::move(handler));
    ASSERT_TRUE(started.has_value()) << started.error().detail;
    server = std::move(*started);
  }

  void start_echo() {
    start([](const HttpRequest& request, const HttpRespond& respond) {
      respond(text(echo_of(request)));
    });
  }

  [[nodiscard]] RawClient remote() const { return RawClient::to_tcp(server->listening().front()); }

  [[nodiscard]] RawClient local() const { return RawClient::to_unix(options.unix_socket); }

  /// What one request is answered with on a connection of its own.
  [[nodiscard]] RawResponse ask(std::string_view request) const {
    RawClient client = remote();
    client.send(request);
    return client.receive().value_or(RawResponse());
  }

  std::filesystem::path folder;
  HttpServerOptions options;
  std::unique_ptr<HttpServer> server;
};

// --- what a good client gets

TEST_F(Http, SendsWhatTheHandlerAnswers) {
  start([](const HttpRequest&, const HttpRespond& respond) {
    respond({.status = 409, .content_type = "text/x-test", .body = "no"});
  });
  const RawResponse response = ask("GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(response.head,
            "HTTP/1.1 409 Conflict\r\nContent-Type: text/x-test\r\nCache-Control: no-store\r\n"
            "X-Content-Type-Options: nosniff\r\nContent-Length: 2\r\n");
  EXPECT_EQ(response.body, "no");
}

TEST_F(Http, GivesTheHandlerTheWholeRequest) {
  start_echo();
  const RawResponse response =
      ask("POST /a%2Fb?x=1&y=%20 HTTP/1.1\r\nHost: x\r\nREASON: because\r\nContent-Length: "
          "4\r\n\r\nbody");
  EXPECT_EQ(response.body, "POST /a%2Fb|x=1|y= |because|body");
}

TEST_F(Http, PutsChunksTogether) {
  start_echo();
  const RawResponse response = ask(
      "PUT / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nbo\r\n2;x=y\r\ndy\r\n"
      "0\r\nTrailer: x\r\n\r\n");
  EXPECT_EQ(response.body, "PUT /||body");
}

TEST_F(Http, AnswersHeadAsGetWithoutTheBody) {
  start_echo();
  RawClient client = remote();
  client.send("HEAD /a HTTP/1.1\r\nHost: x\r\n\r\nGET /b HTTP/1.1\r\nHost: x\r\n\r\n");
  const auto head = client.receive(true);
  const std::string fields = head.value_or(RawResponse()).head;
  EXPECT_NE(fields.find("Content-Length: 8\r\n"), std::string::npos) << fields;
  EXPECT_EQ(client.receive().value_or(RawResponse()).body, "GET /b||");
}

TEST_F(Http, SaysContinueToAClientThatAsks) {
  start_echo();
  RawClient client = remote();
  client.send("PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.receive().value_or(RawResponse()).status, 100U);
  client.send("x");
  EXPECT_EQ(client.receive().value_or(RawResponse()).body, "PUT /||x");
}

TEST_F(Http, AnswersAClientThatHasFinishedSending) {
  start_echo();
  RawClient client = remote();
  client.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
  client.shut_sending();
  EXPECT_EQ(client.receive().value_or(RawResponse()).body, "GET /a||");
  EXPECT_TRUE(client.is_closed());
}

TEST_F(Http, KeepsAnOldClientsConnectionOnlyWhenAsked) {
  start_echo();
  RawClient client = remote();
  client.send("GET /a HTTP/1.0\r\n\r\n");
  EXPECT_EQ(client.receive().value_or(RawResponse()).body, "GET /a||");
  EXPECT_TRUE(client.is_closed());
}

TEST_F(Http, ClosesWhenTheClientSaysSo) {
  start_echo();
  RawClient client = remote();
  client.send("GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  const RawResponse response = client.receive().value_or(RawResponse());
  EXPECT_NE(response.head.find("Connection: close\r\n"), std::string::npos) << response.head;
  EXPECT_TRUE(client.is_closed());
}

TEST_F(Http, AnswersPipelinedRequestsInTheirOrder) {
  Waiting waiting;
  start([&waiting](const HttpRequest& request, HttpRespond respond) {
    if (request.path == "/late") {
      waiting.put(std::move(respond));
    } else {
      respond(text(request.path));
    }
  });
  RawClient client = remote();
  client.send("GET /late HTTP/1.1\r\nHost: x\r\n\r\nGET /next HTTP/1.1\r\nHost: x\r\n\r\n");
  std::thread([&waiting] { waiting.take()(text("late")); }).join();
  EXPECT_EQ(client.receive().value_or(RawResponse()).body, "late");
  EXPECT_EQ(client.receive().value_or(RawResponse()).body, "/next");
}

TEST_F(Http, TellsWhoIsAtTheOtherEndOfTheUnixSocket) {
  start([](const HttpRequest& request, const HttpRespond& respond) {
    respond(text(request.peer.address + (request.peer.is_local_socket ? " local" : " remote")));
    EXPECT_EQ(request.peer.uid, ::geteuid());
  });
  RawClient client = local();
  client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(client.receive().value_or(RawResponse()).body,
            "uid " + std::to_string(::geteuid()) + " local");
}

TEST_F(Http, TellsTheAddressOfATcpClient) {
  start([](const HttpRequest& request, const HttpRespond& respond) {
    respond(text(request.peer.address + (request.peer.is_local_socket ? " local" : " remote")));
  });
  const std::string body = ask("GET / HTTP/1.1\r\nHost: x\r\n\r\n").body;
  EXPECT_TRUE(body.starts_with("127.0.0.1:") && body.ends_with(" remote")) << body;
}

TEST_F(Http, SendsAnswersLargerThanAnyBuffer) {
  const std::string large(24U << 20U, 'x');
  start([&large](const HttpRequest&, const HttpRespond& respond) { respond(text(large)); });
  EXPECT_TRUE(ask("GET / HTTP/1.1\r\nHost: x\r\n\r\n").body == large);
}

TEST_F(Http, TellsThePortThatItGot) {
  start_echo();
  const std::vector<std::string> listening = server->listening();
  ASSERT_EQ(listening.size(), 1U);
  EXPECT_NE(listening.front(), "127.0.0.1:0");
}

// --- what is wrong

struct BadRequest {
  std::string request;
  unsigned status;
  std::string body;
};

class HttpRefuses : public Http, public ::testing::WithParamInterface<BadRequest> {};

TEST_P(HttpRefuses, WithTheReasonAsJson) {
  start([](const HttpRequest&, const HttpRespond& respond) {
    ADD_FAILURE() << "the handler was asked";
    respond({});
  });
  const RawResponse response = ask(GetParam().request);
  EXPECT_EQ(response.status, GetParam().status);
  EXPECT_EQ(response.body, GetParam().body);
}

std::string error_json(std::string_view code, std::string_view what) {
  return R"({"error":{"code":")" + std::string(code) + R"(","text":")" + std::string(what) + "\"}}";
}

std::string no_http(std::string_view why) {
  return error_json("invalid", "this is no HTTP request: " + std::string(why));
}

const std::string kTooMuch =
    error_json("too_large", "the body of the request is larger than this server takes");
const std::string kTooLongHeader =
    error_json("too_large", "the header of a request may have 16384 octets");
const std::string kNoPath =
    error_json("invalid", "the request target is no path; expected /path?name=value");
const std::string kNeedsHost =
    error_json("invalid", "a request needs one Host header (RFC 9112 s3.2)");
const std::string kNoMethod = error_json("invalid", "this server knows no such method");

INSTANTIATE_TEST_SUITE_P(
    Server, HttpRefuses,
    ::testing::Values(
        BadRequest{"nonsense\r\n\r\n", 400, no_http("bad method")},
        BadRequest{std::string("\x16\x03\x01\x02\r\n\r\n", 8), 400, no_http("bad method")},
        BadRequest{"GET / HTTP/2.0\r\n\r\n", 400, no_http("bad version")},
        BadRequest{"GET / HTTP/1.1\r\nNo colon\r\n\r\n", 400, no_http("bad field")},
        BadRequest{"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", 400,
                   no_http("bad Content-Length")},
        BadRequest{"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n"
                   "Transfer-Encoding: chunked\r\n\r\n",
                   400, no_http("bad Transfer-Encoding")},
        BadRequest{"GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n\r\n", 400,
                   no_http("bad chunk")},
        BadRequest{"GET / HTTP/1.1\r\n\r\n", 400, kNeedsHost},
        BadRequest{"GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", 400, kNeedsHost},
        BadRequest{"GET a HTTP/1.1\r\nHost: x\r\n\r\n", 400, kNoPath},
        BadRequest{"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", 400, kNoPath},
        BadRequest{"GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n", 400, kNoPath},
        BadRequest{"TRACE / HTTP/1.1\r\nHost: x\r\n\r\n", 405, kNoMethod},
        BadRequest{"GE / HTTP/1.1\r\nHost: x\r\n\r\n", 405, kNoMethod},
        BadRequest{"GET / HTTP/1.1\r\nHost: x\r\nA: " + std::string(16 << 10, 'a') + "\r\n\r\n",
                   431, kTooLongHeader},
        BadRequest{"GET /" + std::string(16 << 10, 'a') + " HTTP/1.1\r\nHost: x\r\n\r\n", 431,
                   kTooLongHeader},
        BadRequest{"GET / HTTP/1.1\r\nHost: x\r\n" +
                       [] {
                         std::string fields;
                         for (int i = 0; i < 5000; ++i) {
                           fields += "a:b\r\n";
                         }
                         return fields;
                       }() +
                       "\r\n",
                   431, kTooLongHeader},
        BadRequest{"PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 2097153\r\n\r\n", 413, kTooMuch},
        BadRequest{"PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 18446744073709551615\r\n\r\n", 413,
                   kTooMuch},
        BadRequest{"PUT / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n200001\r\n", 413,
                   kTooMuch}));

TEST_F(Http, NamesTheMethodsWithA405) {
  start_echo();
  const RawResponse response = ask("TRACE / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_NE(response.head.find("Allow: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS\r\n"),
            std::string::npos)
      << response.head;
}

TEST_F(Http, TakesAHeaderBelowTheLimit) {
  start_echo();
  const std::string request = "GET / HTTP/1.1\r\nHost: x\r\nReason: ";
  const std::string reason((16U << 10U) - request.size() - 4, 'r');
  EXPECT_EQ(ask(request + reason + "\r\n\r\n").body, "GET /|" + reason + "|");
}

TEST_F(Http, TakesTheLargestBodyAllowed) {
  start_echo();
  const std::string body(2U << 20U, 'b');
  const RawResponse response =
      ask("PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 2097152\r\n\r\n" + body);
  EXPECT_TRUE(response.body == "PUT /||" + body);
}

TEST_F(Http, TakesLargerBodiesOverTheUnixSocket) {
  start_echo();
  RawClient client = local();
  const std::string body((2U << 20U) + 1, 'b');
  client.send("PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 2097153\r\n\r\n" + body);
  EXPECT_TRUE(client.receive().value_or(RawResponse()).body == "PUT /||" + body);
}

TEST_F(Http, AnswersTooLargeABodyWhileItIsStillSent) {
  options.max_body_local = 1000;
  start_echo();
  RawClient client = local();
  client.send("PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 3000000\r\n\r\n");
  client.send(std::string(3'000'000, 'b'));
  EXPECT_EQ(client.receive().value_or(RawResponse()).status, 413U);
}

TEST_F(Http, CountsAllChunksOfABody) {
  options.max_body_remote = 10;
  start_echo();
  const RawResponse response =
      ask("PUT / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nbbbbbb\r\n5\r\n");
  EXPECT_EQ(response.status, 413U);
}

TEST_F(Http, RefusesATrailerWithoutEnd) {
  start_echo();
  const RawResponse response =
      ask("PUT / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: " +
          std::string(100U << 10U, 'a'));
  EXPECT_EQ(response.status, 431U);
}

TEST_F(Http, GoesOnAfterWhatIsWrongButWhole) {
  start_echo();
  RawClient client = remote();
  client.send("GET a HTTP/1.1\r\nHost: x\r\n\r\nGET /b HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(client.receive().value_or(RawResponse()).status, 400U);
  EXPECT_EQ(client.receive().value_or(RawResponse()).body, "GET /b||");
}

TEST_F(Http, ClosesAfterWhatHasNoEnd) {
  start_echo();
  RawClient client = remote();
  client.send("nonsense\r\n\r\nGET /b HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(client.receive().value_or(RawResponse()).status, 400U);
  EXPECT_EQ(client.receive(), std::nullopt);
}

// --- slow clients

TEST_F(Http, ClosesOnASilentClient) {
  options.request_time = kShort;
  start_echo();
  EXPECT_TRUE(remote().is_closed());
}

TEST_F(Http, ClosesOnAnIdleClient) {
  options.idle_time = kShort;
  start_echo();
  RawClient client = remote();
  client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(client.receive().has_value());
  EXPECT_TRUE(client.is_closed());
}

TEST_F(Http, LetsAClientIdleLongerThanARequestMayTake) {
  options.request_time = kShort;
  start_echo();
  RawClient client = remote();
  client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(client.receive().has_value());
  EXPECT_FALSE(client.readable_within(kShort * 3));
  client.send("GET /again HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(client.receive().value_or(RawResponse()).body, "GET /again||");
}

/// Sends octet by octet until the server has enough; how many it took.
std::size_t trickle(RawClient& client, std::string_view octets) {
  std::size_t sent = 0;
  while (sent < octets.size() && !client.readable_within(milliseconds(5)) &&
         client.send(octets.substr(sent, 1))) {
    ++sent;
  }
  return sent;
}

TEST_F(Http, ClosesOnAHeaderThatTricklesIn) {
  options.request_time = kShort;
  start_echo();
  RawClient client = remote();
  EXPECT_LT(trickle(client, "GET / HTTP/1.1\r\n" + std::string(2000, 'a')), 1000U);
  EXPECT_TRUE(client.is_closed());
}

TEST_F(Http, ClosesOnABodyThatTricklesInFromOutside) {
  options.request_time = kShort;
  start_echo();
  RawClient client = remote();
  client.send("PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 2000\r\n\r\n");
  EXPECT_LT(trickle(client, std::string(2000, 'b')), 1000U);
  EXPECT_TRUE(client.is_closed());
}

TEST_F(Http, TakesASlowBodyOverTheUnixSocket) {
  options.request_time = kShort;
  start_echo();
  RawClient client = local();
  client.send("PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 40\r\n\r\n");
  EXPECT_EQ(trickle(client, std::string(40, 'b')), 40U);
  EXPECT_EQ(client.receive().value_or(RawResponse()).body, "PUT /||" + std::string(40, 'b'));
}

TEST_F(Http, ClosesOnALocalBodyThatStops) {
  options.progress_time = kShort;
  start_echo();
  RawClient client = local();
  client.send("PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 40\r\n\r\nb");
  EXPECT_TRUE(client.is_closed());
}

TEST_F(Http, DropsAClientThatDoesNotRead) {
  options.progress_time = kShort;
  options.max_connections = 1;
  const std::string large(64U << 20U, 'x');
  start([&large](const HttpRequest& request, const HttpRespond& respond) {
    respond(text(request.path == "/large" ? large : "small"));
  });
  RawClient deaf = remote();
  deaf.send("GET /large HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_TRUE(deaf.readable_within(std::chrono::seconds(10)));
  // The only place is free again when the server has given up.
  unsigned status = 503;
  const auto is_free = [&] {
    RawClient next = remote();
    next.send("GET /small HTTP/1.1\r\nHost: x\r\n\r\n");
    status = next.receive().value_or(RawResponse()).status;
    return status == 200;
  };
  EXPECT_TRUE(test::eventually(is_free, std::chrono::seconds(30)));
  EXPECT_EQ(status, 200U);
}

// --- many clients

TEST_F(Http, TurnsAwayWhoeverIsTooMany) {
  options.max_connections = 2;
  start_echo();
  RawClient first = remote();
  RawClient second = remote();
  for (RawClient* client : {&first, &second}) {
    client->send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(client->receive().value_or(RawResponse()).status, 200U);
  }
  RawClient third = remote();
  const RawResponse response = third.receive().value_or(RawResponse());
  EXPECT_EQ(response.status, 503U);
  EXPECT_EQ(response.body, R"({"error":{"code":"unavailable","text":)"
                           R"("too many connections; try again when others have ended"}})");
}

TEST_F(Http, KeepsTheUnixSocketFreeFromClientsOutside) {
  options.max_connections = 1;
  start_echo();
  RawClient outside = remote();
  outside.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(outside.receive().has_value());
  RawClient inside = local();
  inside.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(inside.receive().value_or(RawResponse()).status, 200U);
}

TEST_F(Http, ServesAsManyAtOnceAsAllowed) {
  Waiting waiting;
  start([&waiting](const HttpRequest&, HttpRespond respond) { waiting.put(std::move(respond)); });
  std::vector<RawClient> clients;
  for (std::size_t i = 0; i < options.max_connections; ++i) {
    clients.push_back(remote());
    clients.back().send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  }
  for (std::size_t i = 0; i < clients.size(); ++i) {
    waiting.take()(text("there"));
  }
  for (RawClient& client : clients) {
    EXPECT_EQ(client.receive().value_or(RawResponse()).body, "there");
  }
}

// --- handlers

TEST_F(Http, TakesTheFirstOfTwoAnswers) {
  start([](const HttpRequest&, const HttpRespond& respond) {
    respond(text("first"));
    respond(text("second"));
  });
  RawClient client = remote();
  client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(client.receive().value_or(RawResponse()).body, "first");
  EXPECT_EQ(client.receive().value_or(RawResponse()).body, "first");
}

TEST_F(Http, AnswersForAHandlerThatGivesUp) {
  start([](const HttpRequest&, const HttpRespond&) {});
  const RawResponse response = ask("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(response.status, 500U);
  EXPECT_EQ(response.body, R"({"error":{"code":"internal","text":"the request was given up"}})");
}

TEST_F(Http, AnswersForAHandlerThatThrows) {
  start([](const HttpRequest&, const HttpRespond&) { throw std::runtime_error("inner detail"); });
  const RawResponse response = ask("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(response.status, 500U);
  EXPECT_EQ(response.body,
            R"({"error":{"code":"internal","text":"the request could not be handled"}})");
}

TEST_F(Http, SendsNoStatusThatIsNone) {
  start([](const HttpRequest&, const HttpRespond& respond) {
    respond({.status = 7, .content_type = "text/plain", .body = ""});
  });
  EXPECT_EQ(ask("GET / HTTP/1.1\r\nHost: x\r\n\r\n").status, 500U);
}

TEST_F(Http, DropsTheAnswerToAClientThatHasLeft) {
  Waiting waiting;
  start([&waiting](const HttpRequest& request, HttpRespond respond) {
    if (request.path == "/late") {
      waiting.put(std::move(respond));
    } else {
      respond(text("there"));
    }
  });
  RawClient client = remote();
  client.send("GET /late HTTP/1.1\r\nHost: x\r\n\r\n");
  const HttpRespond respond = waiting.take();
  client.close();
  respond(text(std::string(8U << 20U, 'x')));
  EXPECT_EQ(ask("GET / HTTP/1.1\r\nHost: x\r\n\r\n").body, "there");
}

TEST_F(Http, EndsWithAnswersOutstanding) {
  Waiting waiting;
  start([&waiting](const HttpRequest&, HttpRespond respond) { waiting.put(std::move(respond)); });
  RawClient client = remote();
  client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  const HttpRespond respond = waiting.take();
  server.reset();
  EXPECT_TRUE(client.is_closed());
  respond(text("too late"));
}

TEST_F(Http, EndsWhileAnswersArrive) {
  Waiting waiting;
  start([&waiting](const HttpRequest&, HttpRespond respond) { waiting.put(std::move(respond)); });
  std::vector<RawClient> clients;
  std::vector<HttpRespond> responds;
  for (std::size_t i = 0; i < kClients; ++i) {
    clients.push_back(i % 2 == 0 ? remote() : local());
    clients.back().send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    responds.push_back(waiting.take());
  }
  std::thread answering([&responds] {
    for (HttpRespond& respond : responds) {
      respond(text("answer"));
      respond = nullptr;
    }
  });
  server.reset();
  answering.join();
  for (RawClient& client : clients) {
    EXPECT_TRUE(client.is_closed());  // with or without its answer
  }
}

TEST_F(Http, EndsWhileARequestArrives) {
  start_echo();
  RawClient client = remote();
  client.send("GET / HTTP/1.1\r\nHo");
  RawClient silent = local();
  server.reset();
  EXPECT_TRUE(client.is_closed());
  EXPECT_TRUE(silent.is_closed());
}

// --- starting

TEST_F(Http, RemovesItsSocketAtTheEnd) {
  start_echo();
  EXPECT_TRUE(std::filesystem::is_socket(options.unix_socket));
  server.reset();
  EXPECT_FALSE(std::filesystem::exists(options.unix_socket));
}

TEST_F(Http, SaysWhichAddressIsTaken) {
  start_echo();
  HttpServerOptions second;
  second.listen = server->listening();
  const auto started = HttpServer::start(second, {});
  ASSERT_FALSE(started.has_value());
  EXPECT_EQ(started.error().code, Errc::kIo);
  EXPECT_TRUE(started.error().detail.starts_with("HTTP: cannot listen on " + second.listen.front() +
                                                 " (TCP): the port is in use"))
      << started.error().detail;
}

TEST_F(Http, SaysWhatIsNoAddress) {
  HttpServerOptions wrong;
  wrong.listen = {"localhost"};
  const auto started = HttpServer::start(wrong, {});
  ASSERT_FALSE(started.has_value());
  EXPECT_EQ(started.error().detail,
            "HTTP: \"localhost\" is no address with a port; expected 192.0.2.1:53 or "
            "[2001:db8::1]:53");
}

TEST_F(Http, ListensOnSeveralAddresses) {
  options.listen = {"127.0.0.1:0", "127.0.0.2:0"};
  start_echo();
  for (const std::string& address : server->listening()) {
    RawClient client = RawClient::to_tcp(address);
    client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(client.receive().value_or(RawResponse()).status, 200U) << address;
  }
}

}  // namespace
}  // namespace tandem
