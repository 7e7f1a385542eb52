// SPDX-License-Identifier: LGPL-2.1-or-later
#ifndef FKP_TORCH_PCH  // the precompiler takes this file for a main file: no pragma once
#define FKP_TORCH_PCH
#include <torch/script.h>
#include <torch/torch.h>
#endif
