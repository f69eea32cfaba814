#include "common/base/run_program.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/check.h"

namespace tandem {
namespace {

using Time = std::chrono::steady_clock::time_point;

/// "NAME=VALUE" of all, ours first.
std::vector<std::string> environment_of(const ProgramRun& run) {
  std::vector<std::string> out;
  for (const auto& [name, value] : run.environment) {
    out.push_back(name + "=" + value);
  }
  for (char** each = environ; *each != nullptr; ++each) {
    out.emplace_back(*each);
  }
  return out;
}

/// What the new process has: three files, no blocked signals, a group of its own.
class SpawnRules {
 public:
  explicit SpawnRules(int input) {
    CHECK(::posix_spawn_file_actions_init(&files_) == 0 && ::posix_spawnattr_init(&rules_) == 0);
    CHECK(::posix_spawn_file_actions_adddup2(&files_, input, STDIN_FILENO) == 0 &&
          ::posix_spawn_file_actions_adddup2(&files_, STDERR_FILENO, STDOUT_FILENO) == 0 &&
          ::posix_spawn_file_actions_addclosefrom_np(&files_, STDERR_FILENO + 1) == 0);
    sigset_t none;
    sigset_t all;
    sigemptyset(&none);
    sigfillset(&all);
    CHECK(::posix_spawnattr_setsigmask(&rules_, &none) == 0 &&
          ::posix_spawnattr_setsigdefault(&rules_, &all) == 0 &&
          ::posix_spawnattr_setpgroup(&rules_, 0) == 0 &&
          ::posix_spawnattr_setflags(&rules_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                                  POSIX_SPAWN_SETPGROUP) == 0);
  }

  SpawnRules(const SpawnRules&) = delete;
  SpawnRules& operator=(const SpawnRules&) = delete;

  ~SpawnRules() {
    static_cast<void>(::posix_spawn_file_actions_destroy(&files_));
    static_cast<void>(::posix_spawnattr_destroy(&rules_));
  }

  Result<pid_t> start(const ProgramRun& run) {
    std::vector<std::string> texts = environment_of(run);
    std::vector<char*> environment;
    for (std::string& text : texts) {
      environment.push_back(text.data());
    }
    environment.push_back(nullptr);
    std::string path = run.path;
    const std::array<char*, 2> arguments{path.data(), nullptr};
    pid_t pid = 0;
    const int error =
        ::posix_spawn(&pid, path.c_str(), &files_, &rules_, arguments.data(), environment.data());
    if (error != 0) {
      return fail(Errc::kNotFound, "cannot start {}: {}", run.path, std::strerror(error));
    }
    return pid;
  }

 private:
  posix_spawn_file_actions_t files_{};
  posix_spawnattr_t rules_{};
};

/// A process that was started: killed with its group, and waited for, at the latest here.
class Child {
 public:
  // By its number: the header of glibc 2.36 lacks extern "C".
  explicit Child(pid_t pid) : pid_(pid), fd_(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))) {}

  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  ~Child() {
    if (!is_over_) {
      static_cast<void>(::kill(-pid_, SIGKILL));
      static_cast<void>(reap());
    }
  }

  [[nodiscard]] int fd() const noexcept { return fd_.get(); }

  /// As waitpid() has it.
  int reap() {
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    is_over_ = true;
    return status;
  }

 private:
  pid_t pid_;
  UniqueFd fd_;
  bool is_over_ = false;
};

/// Writes what the pipe takes; closes it after the last octet, or when nobody reads.
void feed(UniqueFd& pipe, std::string_view& rest) {
  const ssize_t octets = ::write(pipe.get(), rest.data(), rest.size());
  if (octets >= 0) {
    rest.remove_prefix(static_cast<std::size_t>(octets));
  }
  if (rest.empty() || (octets < 0 && errno != EAGAIN && errno != EINTR)) {
    pipe.reset();
  }
}

/// Until the process has ended.
Status attend(const ProgramRun& run, const Child& child, UniqueFd pipe, const StopEvent& stop) {
  const Time until = std::chrono::steady_clock::now() + run.limit;
  std::string_view rest = run.input;
  for (;;) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    if (left.count() <= 0) {
      return fail(Errc::kTimeout, "{} did not end within {} s: killed", run.path,
                  std::chrono::duration<double>(run.limit).count());
    }
    std::array<pollfd, 3> waits{{{child.fd(), POLLIN, 0},
                                 {stop.fd(), POLLIN, 0},
                                 {pipe.get(), POLLOUT, 0}}};  // one of -1 is passed over
    static_cast<void>(::poll(waits.data(), waits.size(), static_cast<int>(left.count())));
    if (waits[0].revents != 0) {
      return {};
    }
    if (waits[1].revents != 0) {
      return fail(Errc::kUnavailable, "{} was killed: the node stops", run.path);
    }
    if (waits[2].revents != 0) {
      feed(pipe, rest);
    }
  }
}

}  // namespace

Status run_program(const ProgramRun& run, const StopEvent& stop) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    return fail(Errc::kIo, "no pipe to {}: {}", run.path, std::strerror(errno));
  }
  UniqueFd reading(ends[0]);
  UniqueFd writing(ends[1]);
  static_cast<void>(::fcntl(writing.get(), F_SETFL, O_NONBLOCK));
  Child child(TRY(SpawnRules(reading.get()).start(run)));
  reading.reset();
  if (child.fd() < 0) {
    return fail(Errc::kIo, "cannot wait for {}: {}", run.path, std::strerror(errno));
  }
  TRYV(attend(run, child, std::move(writing), stop));
  const int status = child.reap();
  if (WIFSIGNALED(status)) {
    return fail(Errc::kIo, "{} was ended by signal {}", run.path, WTERMSIG(status));
  }
  if (WEXITSTATUS(status) != 0) {
    return fail(Errc::kIo, "{} ended with exit code {}", run.path, WEXITSTATUS(status));
  }
  return {};
}

}  // namespace tandem
