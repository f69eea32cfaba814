#include <cerrno>
#include <cstring>
#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/core.h>

#include "common/crypto/node_key.h"
#include "ctl/commands.h"
#include "ctl/json_view.h"
#include "ctl/node_place.h"
#include "ctl/session.h"

namespace tandem {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

/// Makes the folder when only it is missing: a longer path that is not there is more likely a slip.
Status make_folder(const fs::path& folder) {
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
    return fail(Errc::kIo, "cannot make the data folder {}: {}", folder.string(),
                std::strerror(errno));
  }
  return {};
}

/// What root makes in a service's folder has to belong to the service, which could not read it
/// otherwise.
Status give_to_owner(const fs::path& folder) {
  struct stat found{};
  if (::geteuid() != 0 || ::stat(folder.c_str(), &found) != 0) {
    return {};
  }
  for (const std::string_view name : {"node.key", "node.crt", "link.key", "link.crt"}) {
    const fs::path file = folder / name;
    if (::lchown(file.c_str(), found.st_uid, found.st_gid) != 0 && errno != ENOENT) {
      return fail(Errc::kIo, "cannot give {} to the folder's owner: {}", file.string(),
                  std::strerror(errno));
    }
  }
  return {};
}

}  // namespace

CommandResult link_keep(const Arguments& arguments) {
  const Session session = TRY(Session::open(arguments));
  const std::string body = TRY(session.ask(
      json_request("POST", api_target({"link", "keep"}), json::object{{"keep", arguments.keep}})));
  if (arguments.json) {
    print_json(body);
  } else {
    print(fmt::format("{} history stays\n",
                      arguments.keep == "this" ? "this node's" : "the other node's"));
  }
  return ExitCode::kDone;
}

CommandResult node_key(const Arguments& arguments) {
  const fs::path folder = TRY(data_folder(arguments, data_of_environment()));
  TRYV(make_folder(folder));
  const NodeKey node = TRY(load_or_make_node_key(folder));
  const NodeKey key = TRY(load_link_key(folder, node));
  TRYV(give_to_owner(folder));
  if (arguments.json) {
    print_json(json::serialize(json::object{{"key", key.pin.to_text()}}));
  } else {
    print(key.pin.to_text() + "\n");
  }
  return ExitCode::kDone;
}

}  // namespace tandem
