#include "tests/unit/replication/link_recorder.h"

#include <cstdlib>
#include <filesystem>
#include <utility>

#include <gtest/gtest.h>

namespace tandem::testing {

LinkRecorder::Entry* LinkRecorder::find(const LinkPeer& peer) {
  for (Entry& entry : entries_) {
    if (entry.stream.peer.get() == &peer) {
      return &entry;
    }
  }
  return nullptr;
}

void LinkRecorder::enter(const LinkPeer& peer) {
  const std::lock_guard lock(mutex_);
  Entry* const entry = find(peer);
  if (entry == nullptr || entry->stream.closed || std::exchange(entry->is_in_call, true)) {
    ADD_FAILURE() << "a call before on_open, after on_close or during another call";
  }
}

void LinkRecorder::leave(const LinkPeer& peer, const std::function<void(Entry&)>& note) {
  const std::lock_guard lock(mutex_);
  if (Entry* const entry = find(peer); entry != nullptr) {
    entry->is_in_call = false;
    note(*entry);
  }
  changed_.notify_all();
}

void LinkRecorder::on_open(const std::shared_ptr<LinkPeer>& peer) {
  const std::lock_guard lock(mutex_);
  if (find(*peer) != nullptr) {
    ADD_FAILURE() << "a stream opened twice";
    return;
  }
  entries_.push_back({.stream = {.peer = peer, .frames = {}, .closed = {}}});
  changed_.notify_all();
}

void LinkRecorder::on_frame(const std::shared_ptr<LinkPeer>& peer, Frame frame) {
  enter(*peer);
  if (on_each_frame_) {
    on_each_frame_(peer, frame);
  }
  leave(*peer, [&](Entry& entry) {
    ++entry.frame_count;
    if (keeps_frames_) {
      entry.stream.frames.push_back(std::move(frame));
    }
  });
}

void LinkRecorder::on_writable(const std::shared_ptr<LinkPeer>& peer) {
  enter(*peer);
  leave(*peer, [](Entry& entry) { ++entry.stream.writable_calls; });
}

void LinkRecorder::on_close(const std::shared_ptr<LinkPeer>& peer, std::string_view reason) {
  enter(*peer);
  leave(*peer, [&](Entry& entry) { entry.stream.closed = reason; });
}

bool LinkRecorder::wait(const std::function<bool()>& is_there,
                        std::chrono::milliseconds patience) const {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, patience, is_there);
}

std::shared_ptr<LinkPeer> LinkRecorder::wait_open(std::size_t index) {
  return wait([&] { return entries_.size() > index; }) ? peer(index) : nullptr;
}

bool LinkRecorder::wait_frames(std::size_t count, std::size_t index) {
  return wait([&] { return entries_.size() > index && entries_[index].frame_count >= count; });
}

std::string LinkRecorder::wait_closed(std::size_t index, std::chrono::milliseconds patience) {
  const auto is_closed = [&] {
    return entries_.size() > index && entries_[index].stream.closed.has_value();
  };
  return wait(is_closed, patience) ? stream(index).closed.value_or("") : "still open";
}

bool LinkRecorder::wait_writable(std::size_t calls, std::size_t index) {
  return wait(
      [&] { return entries_.size() > index && entries_[index].stream.writable_calls >= calls; });
}

std::shared_ptr<LinkPeer> LinkRecorder::peer(std::size_t index) const {
  const std::lock_guard lock(mutex_);
  return index < entries_.size() ? entries_[index].stream.peer : nullptr;
}

LinkRecorder::Stream LinkRecorder::stream(std::size_t index) const {
  const std::lock_guard lock(mutex_);
  return index < entries_.size() ? entries_[index].stream : Stream();
}

std::size_t LinkRecorder::stream_count() const {
  const std::lock_guard lock(mutex_);
  return entries_.size();
}

NodeKey new_node_key() {
  std::string folder = (std::filesystem::temp_directory_path() / "tandem-key-XXXXXX").string();
  if (::mkdtemp(folder.data()) == nullptr) {
    ADD_FAILURE() << "no temporary folder";
    return {};
  }
  auto key = load_or_make_node_key(folder);
  std::filesystem::remove_all(folder);
  if (!key) {
    ADD_FAILURE() << key.error().detail;
    return {};
  }
  return *std::move(key);
}

}  // namespace tandem::testing
