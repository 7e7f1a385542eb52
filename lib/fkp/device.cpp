// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fkp/device.h"

#include <c10/core/impl/DeviceGuardImplInterface.h>

#include <exception>

#include "fkp/core/error.h"

namespace fkp {
namespace {

int count_of(c10::DeviceType type) { return c10::impl::hasDeviceGuardImpl(type) ? c10::impl::getDeviceGuardImpl(type)->deviceCount() : 0; }

}  // namespace

c10::Device device_named(const std::string& name, int turn) {
  const auto none = [&](const std::string& why) { return Error(ErrorKind::no_device, "'" + name + "' " + why); };
  c10::Device device(c10::kCPU);
  try {
    device = name == "auto" ? c10::Device(count_of(c10::kCUDA) > 0 ? c10::kCUDA : c10::kCPU) : c10::Device(name);
  } catch (const std::exception&) {
    throw none("is no device; use auto, cpu, cuda or cuda:N");
  }
  if (device.is_cpu()) return c10::kCPU;
  if (device.is_meta()) throw none("is no device that fkp runs on; use auto, cpu, cuda or cuda:N");
  const int count = count_of(device.type());
  const std::string kind = device.is_cuda() ? "CUDA device" : c10::DeviceTypeName(device.type(), true) + " device";
  if (count == 0) throw none("was asked for, but libtorch finds no " + kind + "; use device=cpu or device=auto");
  if (!device.has_index()) device.set_index(static_cast<c10::DeviceIndex>(turn % count));
  if (device.index() >= count)
    throw none("was asked for, but there " + (count == 1 ? "is only one " + kind : "are only " + std::to_string(count) + " " + kind + "s"));
  return device;
}

}  // namespace fkp
