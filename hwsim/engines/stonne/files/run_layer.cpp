// Run one exported layer on STONNE with its own operands instead of random ones.
//
// Written for hwsim exports; it calls the functions that STONNE's PyTorch front end calls. The
// README beside it says how to build it.
//
//   run_layer LAYER_FOLDER NAME DATAFLOW M K N G dense|bitmaps
//
// M, K and N are those of one group. "dense" lets STONNE find the zeros itself, "bitmaps" hands
// over bitmaps and compressed values. The outputs appear in the current folder (or $OUTPUT_DIR).
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "STONNEModel.h"
#include "stonne_linker.h"
#include "utility.h"

template <typename T>
static std::vector<T> read_all(const std::string& path, size_t count) {
    std::vector<T> values(count);
    FILE* file = std::fopen(path.c_str(), "rb");
    if (!file || std::fread(values.data(), sizeof(T), count, file) != count || std::fgetc(file) != EOF) {
        std::cerr << path << ": expected " << count << " values of " << sizeof(T) << " bytes\n";
        std::exit(2);
    }
    std::fclose(file);
    return values;
}

static int whole(const char* text) {
    char* end = nullptr;
    long value = std::strtol(text, &end, 10);
    if (*end != '\0' || value < 1 || value > 1000000000) {
        std::cerr << "expected a whole number above 0, got " << text << "\n";
        std::exit(2);
    }
    return static_cast<int>(value);
}

int main(int argc, char** argv) {
    const std::string form = argc == 9 ? argv[8] : "";
    if (form != "dense" && form != "bitmaps") {
        std::cerr << "usage: run_layer LAYER_FOLDER NAME DATAFLOW M K N G dense|bitmaps\n";
        return 2;
    }
    const std::string folder = std::string(argv[1]) + "/";
    const size_t M = whole(argv[4]), K = whole(argv[5]), N = whole(argv[6]), G = whole(argv[7]);
    Config config;
    config.loadFile(folder + "stonne.cfg");
    const Dataflow dataflow = get_type_dataflow_type(argv[3]);
    std::vector<float> output(G * M * N);
    if (form == "dense") {
        auto mk = read_all<float>(folder + "mk_dense.f32", G * M * K);
        auto kn = read_all<float>(folder + "kn_dense.f32", G * K * N);
        simulateSparseGemmForward(argv[2], kn.data(), mk.data(), output.data(), 1, G, G * M, G * K, N,
                                  0.0f, config, dataflow);
    } else {
        auto mk = read_all<float>(folder + "mk_compressed.f32", G * M * K);
        auto kn = read_all<float>(folder + "kn_compressed.f32", G * K * N);
        auto mk_bits = read_all<unsigned int>(folder + "mk_bitmap.u32", G * M * K);
        auto kn_bits = read_all<unsigned int>(folder + "kn_bitmap.u32", G * K * N);
        simulateSparseGemmWithBitmapsForward(argv[2], kn.data(), mk.data(), output.data(), 1, G, G * M,
                                             G * K, N, mk_bits.data(), kn_bits.data(), config, dataflow);
    }
    return 0;
}
