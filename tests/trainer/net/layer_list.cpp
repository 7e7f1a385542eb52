// SPDX-License-Identifier: LGPL-2.1-or-later
#include "net/layer_list.h"

#include <gmock/gmock.h>

#include <stdexcept>

namespace fkp {
namespace {

using testing::AllOf;
using testing::HasSubstr;

/// The output shape of the last of `layers`, which need not be points.
LayerSize size_after(std::vector<std::string> layers, cv::Size input) {
  layers.emplace_back("linear");
  const auto all = layers_of(layers, input, 1);
  return all.back().in;
}

std::string error_of(const std::vector<std::string>& layers, cv::Size input = {32, 24}, int points = 1) {
  try {
    layers_of(layers, input, points);
  } catch (const std::invalid_argument& e) {
    return e.what();
  }
  return "";
}

TEST(LayerList, DerivesTheSizesOfReport000) {
  EXPECT_EQ(size_after({"conv 10 7", "relu", "maxpool 2", "conv 20 5", "relu", "maxpool 2", "conv 40 3", "relu", "maxpool 2", "conv 80 3",
                        "relu", "maxpool 2"},
                       {160, 120})
                .numbers(),
            2800);
}

TEST(LayerList, DerivesTheSizesOfReport001) {
  EXPECT_EQ(size_after({"conv 12 3", "relu", "maxpool 2", "conv 16 3", "relu", "maxpool 2", "conv 20 3", "relu", "maxpool 2", "conv 24 3",
                        "relu", "maxpool 2"},
                       {80, 60})
                .numbers(),
            72);
  EXPECT_EQ(size_after({"conv 20 5", "relu", "maxpool 2", "conv 40 5", "relu", "maxpool 2", "conv 80 5", "relu", "maxpool 2", "conv 160 3",
                        "relu", "maxpool 2", "conv 320 3", "relu", "maxpool 2", "conv 320 3", "relu"},
                       {320, 240})
                .numbers(),
            4800);
}

TEST(LayerList, DerivesTheSizesOfReport004) {
  EXPECT_EQ(
      size_after({"conv 96 4 stride 4", "elu", "maxpool 3 2", "dropout 0.2", "conv 256 5 padding 2", "elu", "batchnorm", "maxpool 3 2",
                  "conv 384 3 padding same", "elu", "conv 384 3 padding 1", "elu", "conv 256 3 padding same", "elu", "maxpool 3 2"},
                 {227, 227})
          .numbers(),
      9216);
}

TEST(LayerList, KnowsWhatEachKindGives) {
  const auto text = [](std::vector<std::string> layers) { return text_of(size_after(std::move(layers), {33, 24})); };
  EXPECT_EQ(text({"conv 8 3"}), "8 × 31×22");
  EXPECT_EQ(text({"conv 8 5 stride 2 padding same"}), "8 × 17×12");
  EXPECT_EQ(text({"avgpool 3"}), "1 × 11×8");
  EXPECT_EQ(text({"conv 8 3", "avgpool"}), "8");
  EXPECT_EQ(text({"resnet 2 2 2 2"}), "512");
  EXPECT_EQ(text({"linear 7", "leakyrelu 0.1", "dropout 0.5", "batchnorm"}), "7");
}

TEST(LayerList, TakesWholeNumbersWhereFractionsMeanNothing) {
  for (const char* layer : {"conv 12.7 3", "conv 8 2.5", "maxpool 2.5", "linear 1e20", "conv 8 3 stride 1.5"})
    EXPECT_THAT(error_of({layer}), HasSubstr("no whole number")) << layer;
  EXPECT_THAT(error_of({"resnet 2.5 2 2 2"}, {64, 64}), HasSubstr("no whole number"));
  EXPECT_THAT(error_of({"conv 8 3 stride same"}), HasSubstr("'same' is no number"));
  EXPECT_THAT(error_of({"maxpool 3 same"}), HasSubstr("'same' is no number"));
  EXPECT_EQ(error_of({"resnet 2 2 2 2 leaky 0.1", "linear"}, {64, 64}), "");
}

TEST(LayerList, LetsPointsStandForTheirNumber) {
  const auto layers = layers_of({"unet 4 8", "soft-argmax"}, {32, 24}, 5);
  EXPECT_EQ(text_of(layers[0].out), "5 × 32×24");
  EXPECT_EQ(text_of(layers_of({"conv points 1", "soft-argmax"}, {32, 24}, 5)[0].out), "5 × 32×24");
  EXPECT_EQ(layers_of({"linear"}, {32, 24}, 5).back().out.channels, 10);
  EXPECT_EQ(layers_of({"linear points", "sigmoid"}, {32, 24}, 5).back().out.channels, 10);
}

TEST(LayerList, GivesModulesTorchvisionsNames) {
  const auto layers = layers_of({"resnet 2 2 2 2", "dropout 0.2", "linear"}, {64, 64}, 5);
  EXPECT_EQ(layers[0].name, "resnet");
  EXPECT_EQ(layers[1].name, "2");
  EXPECT_EQ(layers[2].name, "fc");
}

TEST(LayerList, NamesTheLayerWhoseKernelIsTooLarge) {
  EXPECT_EQ(error_of({"conv 24 5", "relu", "maxpool 4", "maxpool 2", "conv 24 5"}),
            "layer 5, \"conv 24 5\": the picture is 3×2 there, smaller than the kernel");
}

TEST(LayerList, NamesALayerThatNobodyKnowsAndTheNearest) {
  EXPECT_THAT(error_of({"conv 8 3", "rellu"}),
              AllOf(HasSubstr("layer 2, \"rellu\""), HasSubstr("there is no layer 'rellu'"), HasSubstr("relu")));
}

TEST(LayerList, SaysHowALayerIsWritten) {
  EXPECT_THAT(error_of({"conv 8"}), HasSubstr("conv CHANNELS KERNEL [stride N] [padding N|same]"));
  EXPECT_THAT(error_of({"conv 8 three"}), AllOf(HasSubstr("'three' is no number"), HasSubstr("conv CHANNELS KERNEL")));
  EXPECT_THAT(error_of({"conv 8 3 stride"}), HasSubstr("'stride' has no value"));
  EXPECT_THAT(error_of({"relu 3"}), HasSubstr("it is written \"relu\""));
  EXPECT_THAT(error_of({"resnet 2 2"}), HasSubstr("resnet BLOCKS BLOCKS BLOCKS BLOCKS"));
}

TEST(LayerList, RefusesNumbersThatCannotBe) {
  EXPECT_THAT(error_of({"conv 0 3"}), HasSubstr("at least 1"));
  EXPECT_THAT(error_of({"conv 8 3 stride 0"}), HasSubstr("at least 1"));
  EXPECT_THAT(error_of({"conv 8 4 padding same"}), HasSubstr("even kernel"));
  EXPECT_THAT(error_of({"dropout 1"}), HasSubstr("[0, 1)"));
  EXPECT_THAT(error_of({"linear 0"}), HasSubstr("at least one number"));
  EXPECT_THAT(error_of({"resnet 2 0 2 2"}), HasSubstr("at least one block"));
}

TEST(LayerList, RefusesMapsThatAreNotThere) {
  EXPECT_THAT(error_of({"linear 8", "conv 8 3"}),
              AllOf(HasSubstr("layer 2"), HasSubstr("it needs maps, and there are 8 numbers in a row")));
  EXPECT_THAT(error_of({"conv 3 3", "soft-argmax"}, {32, 24}, 5), HasSubstr("3 maps for 5 points"));
  EXPECT_THAT(error_of({"unet 4 8 16 32 64", "soft-argmax"}, {40, 32}), AllOf(HasSubstr("40×32"), HasSubstr("multiple of 16")));
}

TEST(LayerList, AsksForAnEndThatGivesThePoints) {
  EXPECT_THAT(error_of({"linear 120"}, {32, 24}, 5),
              AllOf(HasSubstr("\"linear 120\", gives 120"), HasSubstr("5 points"), HasSubstr("\"linear\"")));
  EXPECT_THAT(error_of({"conv 2 24"}), HasSubstr("gives 2 × 9×1"));
  EXPECT_THAT(error_of({"conv 1 1", "argmax", "relu"}), HasSubstr("nothing comes after \"argmax\""));
  EXPECT_THAT(error_of({}), HasSubstr("no layer"));
}

}  // namespace
}  // namespace fkp
