// SPDX-License-Identifier: LGPL-2.1-or-later
// Python's pickle format as far as torch.save uses it (protocol 2; the opcodes: Python's Lib/pickletools.py).
#include "net/state_dict.h"

#include <caffe2/serialize/inline_container.h>

#include <cstring>
#include <memory>
#include <stdexcept>
#include <unordered_map>
#include <vector>

namespace fkp {
namespace {

struct Object;
using Ref = std::shared_ptr<Object>;

/// Any object of a pickle; fields that do not apply are empty. A dictionary's items alternate between key and value.
struct Object {
  std::string text;  ///< also MODULE.NAME of a global
  std::int64_t number = 0;
  std::vector<Ref> items;
  torch::Tensor tensor;
  bool mark = false;
};

const std::unordered_map<std::string, torch::Dtype> kTypes{
    {"torch.FloatStorage", torch::kFloat},       {"torch.DoubleStorage", torch::kDouble}, {"torch.HalfStorage", torch::kHalf},
    {"torch.BFloat16Storage", torch::kBFloat16}, {"torch.LongStorage", torch::kLong},     {"torch.IntStorage", torch::kInt}};

class Unpickler {
 public:
  explicit Unpickler(caffe2::serialize::PyTorchStreamReader& archive) : archive_(archive) {
    std::tie(bytes_, size_) = archive.getRecord("data.pkl");
  }

  Ref read() {
    for (;;) {
      const auto op = static_cast<unsigned char>(take(1)[0]);
      if (op == '.') return pop();
      run(op);
    }
  }

 private:
  const char* take(std::size_t n) {
    if (n > size_ - at_) throw std::runtime_error("its pickle breaks off");
    const char* bytes = static_cast<const char*>(bytes_.get()) + at_;
    at_ += n;
    return bytes;
  }
  template <typename Int>
  std::int64_t take_int() {
    Int value;
    std::memcpy(&value, take(sizeof value), sizeof value);
    return value;
  }
  std::string take_line() {
    std::string line;
    for (char c = *take(1); c != '\n'; c = *take(1)) line += c;
    return line;
  }
  std::string take_text(std::int64_t n) { return {take(static_cast<std::size_t>(n)), static_cast<std::size_t>(n)}; }

  void push(Object object) { stack_.push_back(std::make_shared<Object>(std::move(object))); }
  void push_number(std::int64_t number) { push({"", number, {}, {}}); }
  Ref pop() {
    if (stack_.empty()) throw std::runtime_error("its pickle is damaged");
    Ref top = stack_.back();
    stack_.pop_back();
    return top;
  }
  const Ref& top() {
    if (stack_.empty()) throw std::runtime_error("its pickle is damaged");
    return stack_.back();
  }
  std::vector<Ref> pop_to_mark() {
    std::vector<Ref> items;
    for (Ref r = pop(); !r->mark; r = pop()) items.insert(items.begin(), r);
    return items;
  }
  void push_tuple(int n) {
    std::vector<Ref> items(n);
    while (n > 0) items[--n] = pop();
    push({"", 0, std::move(items), {}});
  }
  void add_items(std::vector<Ref> items) {
    auto& to = top()->items;
    to.insert(to.end(), items.begin(), items.end());
  }

  void run(unsigned char op);
  void reduce();
  torch::Tensor storage(const Object& id);

  caffe2::serialize::PyTorchStreamReader& archive_;
  at::DataPtr bytes_;
  std::size_t size_ = 0, at_ = 0;
  std::vector<Ref> stack_;
  std::unordered_map<std::int64_t, Ref> memo_;
};

void Unpickler::run(unsigned char op) {
  switch (op) {
    case 0x80:
      take(1);
      break;  // PROTO
    case '(':
      push({}), top()->mark = true;
      break;
    case ')':
    case '}':
    case ']':
    case 'N':
    case 0x89:
      push({});
      break;  // (), {}, [], None, False
    case 0x88:
      push_number(1);
      break;  // True
    case 'K':
      push_number(take_int<std::uint8_t>());
      break;
    case 'M':
      push_number(take_int<std::uint16_t>());
      break;
    case 'J':
      push_number(take_int<std::int32_t>());
      break;
    case 0x8a: {  // LONG1: little-endian, signed
      const auto n = static_cast<std::size_t>(take_int<std::uint8_t>());
      const char* bytes = take(n);
      std::int64_t value = n > 0 && bytes[n - 1] < 0 ? -1 : 0;
      std::memcpy(&value, bytes, std::min(n, sizeof value));
      push_number(value);
      break;
    }
    case 'G':
      take(8), push({});
      break;  // a float: no tensor needs one
    case 'X':
      push({take_text(take_int<std::uint32_t>()), 0, {}, {}});
      break;
    case 'c': {
      const std::string module = take_line();
      push({module + '.' + take_line(), 0, {}, {}});
      break;
    }
    case 'q':
      memo_[take_int<std::uint8_t>()] = top();
      break;
    case 'r':
      memo_[take_int<std::uint32_t>()] = top();
      break;
    case 'h':
      stack_.push_back(memo_.at(take_int<std::uint8_t>()));
      break;
    case 'j':
      stack_.push_back(memo_.at(take_int<std::uint32_t>()));
      break;
    case 't':
      push({"", 0, pop_to_mark(), {}});
      break;
    case 0x85:
      push_tuple(1);
      break;
    case 0x86:
      push_tuple(2);
      break;
    case 0x87:
      push_tuple(3);
      break;
    case 'a':
      push_tuple(1), add_items(pop()->items);
      break;
    case 's':
      push_tuple(2), add_items(pop()->items);
      break;
    case 'e':
    case 'u':
      add_items(pop_to_mark());
      break;
    case 'b':
      pop();
      break;  // an object's attributes: a state_dict's _metadata
    case 'Q': {
      const Ref id = pop();
      push({"", 0, {}, storage(*id)});
      break;
    }
    case 'R':
      reduce();
      break;
    default:
      throw std::runtime_error("its pickle has the opcode " + std::to_string(op) + ", which no state_dict needs");
  }
}

/// Calls that create a tensor; any other call gives an empty object.
void Unpickler::reduce() {
  const Ref arguments = pop(), function = pop();
  const auto& a = arguments->items;
  Object made;
  if (function->text == "torch._utils._rebuild_tensor_v2" && a.size() >= 4) {
    std::vector<std::int64_t> sizes, strides;
    for (const Ref& n : a[2]->items) sizes.push_back(n->number);
    for (const Ref& n : a[3]->items) strides.push_back(n->number);
    made.tensor = a[0]->tensor.as_strided(sizes, strides, a[1]->number).clone();
  } else if (function->text == "torch._utils._rebuild_parameter" && !a.empty()) {
    made.tensor = a[0]->tensor;
  }
  push(std::move(made));
}

/// From ("storage", type, record, device, number of elements).
torch::Tensor Unpickler::storage(const Object& id) {
  if (id.items.size() < 3) throw std::runtime_error("its pickle is damaged");
  const auto type = kTypes.find(id.items[1]->text);
  if (type == kTypes.end()) throw std::runtime_error("it has tensors of " + id.items[1]->text);
  const auto [bytes, size] = archive_.getRecord("data/" + id.items[2]->text);
  const auto count = static_cast<std::int64_t>(size / torch::elementSize(type->second));
  return torch::from_blob(bytes.get(), {count}, type->second).clone();
}

Weights tensors_of(const Object& dictionary) {
  Weights weights;
  for (std::size_t i = 0; i + 1 < dictionary.items.size(); i += 2)
    if (dictionary.items[i + 1]->tensor.defined()) weights[dictionary.items[i]->text] = dictionary.items[i + 1]->tensor;
  return weights;
}

}  // namespace

Weights read_state_dict(caffe2::serialize::PyTorchStreamReader& archive) {
  const Ref all = Unpickler(archive).read();
  Weights weights = tensors_of(*all);
  for (std::size_t i = 0; weights.empty() && i < all->items.size(); i++) weights = tensors_of(*all->items[i]);
  return weights;
}

}  // namespace fkp
