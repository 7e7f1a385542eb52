// SPDX-License-Identifier: LGPL-2.1-or-later
#ifndef FKP_TORCH_PCH  // compiled as a main file for the precompiled header: no pragma once
#define FKP_TORCH_PCH
#include <torch/script.h>
#include <torch/torch.h>
#endif
