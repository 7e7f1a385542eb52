// SPDX-License-Identifier: LGPL-2.1-or-later
#include "mosquitto_server.h"

#include <fcntl.h>
#include <mosquitto.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <iterator>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>

#include "publisher.h"
#include "sockets.h"
#include "support/free_port.h"

namespace fkp::test {
namespace {

bool takes_connections(int port) {
  const int fd = connect_to(port);
  if (fd >= 0) close(fd);
  return fd >= 0;
}

pid_t spawn(const std::vector<std::string>& command, const std::string& output) {
  std::vector<char*> arguments;
  for (const std::string& a : command) arguments.push_back(const_cast<char*>(a.c_str()));
  arguments.push_back(nullptr);
  const pid_t process = fork();
  if (process != 0) return process;
  prctl(PR_SET_PDEATHSIG, SIGKILL);  // it ends with the thread that starts it, however the tests end
  const int fd = open(output.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  dup2(fd, 1);
  dup2(fd, 2);
  execv(arguments[0], arguments.data());
  _exit(127);
}

}  // namespace

std::string program(const std::string& name) {
  const char* path = std::getenv("PATH");
  std::istringstream folders((path ? path : "") + std::string(":/usr/sbin:/usr/local/sbin"));
  for (std::string folder; std::getline(folders, folder, ':');)
    if (access((folder + "/" + name).c_str(), X_OK) == 0) return folder + "/" + name;
  return "";
}

void execute(const std::vector<std::string>& command) {
  std::vector<std::string> found = command;
  found[0] = program(command[0]);
  int status = 0;
  waitpid(spawn(found, "/dev/null"), &status, 0);
  if (status != 0) throw std::runtime_error(command[0] + " fails");
}

MosquittoServer::MosquittoServer(const std::string& settings, bool persistent) : port_(free_port()) {
  std::string text = "listener " + std::to_string(port_) + " 127.0.0.1\n" + settings + "max_queued_messages 0\nqueue_qos0_messages true\n";
  if (persistent) text += "persistence true\npersistence_location " + folder_.path().string() + "/\n";
  if (geteuid() == 0) text += "user root\n";  // otherwise it switches to a user who cannot write here
  write(folder_ / "mosquitto.conf", text);
  start();
}

MosquittoServer::~MosquittoServer() { kill(); }

void MosquittoServer::start() {
  process_ = spawn({program("mosquitto"), "-v", "-c", (folder_ / "mosquitto.conf").string()}, (folder_ / "log").string());
  if (!eventually([&] { return takes_connections(port_); })) throw std::runtime_error("mosquitto does not start: " + log());
}

void MosquittoServer::signal(int number) const {
  if (process_ != 0) ::kill(process_, number);
}

void MosquittoServer::wait() {
  if (process_ != 0) waitpid(process_, nullptr, 0);
  process_ = 0;
}

void MosquittoServer::stop() {
  signal(SIGTERM);
  wait();
}

void MosquittoServer::kill() {
  signal(SIGKILL);
  wait();
}

void MosquittoServer::freeze() { signal(SIGSTOP); }
void MosquittoServer::thaw() { signal(SIGCONT); }

std::string MosquittoServer::log() const { return read(folder_ / "log"); }

Subscriber::Subscriber(int port, const std::string& topic, const std::string& user, const std::string& password) {
  mosquitto_lib_init();
  client_ = mosquitto_new("subscriber", false, this);
  if (!user.empty()) mosquitto_username_pw_set(client_, user.c_str(), password.c_str());
  mosquitto_subscribe_callback_set(client_, [](mosquitto*, void* self, int, int, const int*) {
    auto* s = static_cast<Subscriber*>(self);
    const std::lock_guard lock(s->mutex_);
    s->subscribed_ = true;
    s->changed_.notify_all();
  });
  mosquitto_message_callback_set(client_, [](mosquitto*, void* self, const mosquitto_message* message) {
    auto* s = static_cast<Subscriber*>(self);
    const std::lock_guard lock(s->mutex_);
    s->messages_.emplace_back(static_cast<const char*>(message->payload), static_cast<std::size_t>(message->payloadlen));
    s->distinct_.insert(s->messages_.back());
    s->changed_.notify_all();
  });
  mosquitto_reconnect_delay_set(client_, 1, 1, false);
  if (mosquitto_connect(client_, "127.0.0.1", port, 60) != MOSQ_ERR_SUCCESS) throw std::runtime_error("the subscriber cannot connect");
  mosquitto_loop_start(client_);
  mosquitto_subscribe(client_, nullptr, topic.c_str(), 2);
  std::unique_lock lock(mutex_);
  if (!changed_.wait_for(lock, std::chrono::minutes(1), [&] { return subscribed_; }))
    throw std::runtime_error("the subscriber gets no answer");
}

Subscriber::~Subscriber() {
  mosquitto_disconnect(client_);
  mosquitto_loop_stop(client_, true);
  mosquitto_destroy(client_);
}

bool Subscriber::wait_for(std::size_t count) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, std::chrono::minutes(1), [&] { return messages_.size() >= count; });
}

bool Subscriber::wait_for_frames(std::size_t count) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, std::chrono::minutes(1), [&] { return distinct_.size() >= count; });
}

std::vector<std::string> Subscriber::messages() {
  const std::lock_guard lock(mutex_);
  return messages_;
}

std::vector<int> Subscriber::frames() {
  std::vector<int> frames;
  for (const std::string& message : messages()) frames.push_back(nlohmann::json::parse(message)["frame"]);
  return frames;
}

}  // namespace fkp::test
