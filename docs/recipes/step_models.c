/* A bot that says its reply by the step models of its bundle; docs/reference/step-models.md is their contract.
 *
 *   cc -O2 step_models.c -o step_models -L"$LITERT" -l:libLiteRt.so -Wl,-rpath,"$LITERT"
 *   ./step_models checkpoints/dialogs 57 3041 812:0.44 97:0.51
 *
 * The arguments are the token ids of the prompt, as number:weight its n-grams, and as 0:feature in their order the
 * features of its word vectors, if the bundle has some: LiteRT has no tokenizer. prompt_tokens.py prints them. LITERT is
 * the folder of the Python package ai-edge-litert 2.3, which has the library but not its headers: what is needed of
 * them is repeated here. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct { unsigned rank : 7, has_strides : 1; int32_t sizes[8]; uint32_t strides[8]; } Layout;
typedef struct { int element; Layout layout; } Type; /* element 1 is float32, 2 int32 */
int LiteRtCreateEnvironment(int, const void *, void **), LiteRtCreateOptions(void **);
int LiteRtSetOptionsHardwareAccelerators(void *, int), LiteRtCreateModelFromFile(void *, const char *, void **);
int LiteRtCreateCompiledModel(void *, void *, void *, void **), LiteRtGetModelSignature(void *, size_t, void **);
int LiteRtGetNumSignatureInputs(void *, size_t *), LiteRtGetNumSignatureOutputs(void *, size_t *);
int LiteRtGetSignatureInputName(void *, size_t, const char **);
int LiteRtGetSignatureOutputName(void *, size_t, const char **);
int LiteRtGetSignatureInputTensorByIndex(void *, size_t, void **);
int LiteRtGetSignatureOutputTensorByIndex(void *, size_t, void **);
int LiteRtGetRankedTensorType(void *, Type *), LiteRtRunCompiledModel(void *, size_t, size_t, void **, size_t, void **);
int LiteRtCompiledModelResizeInputTensor(void *, size_t, size_t, const int *, size_t);
int LiteRtCreateTensorBufferFromHostMemory(const Type *, void *, size_t, void (*)(void *), void **);
void LiteRtDestroyTensorBuffer(void *);

enum { PAD, UNK, GO, EOS, MOST = 128, NAMES = 32 };
#define CHECK(call) do { int code_ = (call); if (code_) { fprintf(stderr, "%s: %d\n", #call, code_); exit(1); } } while (0)

/* Arrays by name, for inputs and outputs alike: an output is the input of that name from then on. */
typedef struct { char name[24]; size_t count; int length; float *data; } Array;
static Array arrays[NAMES];
static void *environment, *options;
typedef struct { void *compiled, *signature; size_t inputs, outputs; } Model;

static float *memory(size_t count) { /* zeros, as LiteRT wants them aligned */
    size_t bytes = (count * 4 + 127) / 64 * 64;
    return memset(aligned_alloc(64, bytes), 0, bytes);
}

static Array *array(const char *name) {
    for (int place = 0; place < NAMES; place++) {
        if (!*arrays[place].name) strcpy(arrays[place].name, name);
        if (!strcmp(arrays[place].name, name)) return &arrays[place];
    }
    exit(1);
}

static float *set(const char *name, size_t count, int length) { /* length stands for the sizes that a file leaves open */
    Array *found = array(name);
    free(found->data);
    found->count = count, found->length = length;
    return found->data = memory(count);
}

static int load(Model *model, const char *folder, const char *name) {
    char path[4096];
    void *file;
    snprintf(path, sizeof path, "%s/%s.tflite", folder, name);
    FILE *there = fopen(path, "rb");
    if (!there) return 0;
    fclose(there);
    CHECK(LiteRtCreateModelFromFile(environment, path, &file));
    CHECK(LiteRtCreateCompiledModel(environment, file, options, &model->compiled));
    CHECK(LiteRtGetModelSignature(file, 0, &model->signature));
    CHECK(LiteRtGetNumSignatureInputs(model->signature, &model->inputs));
    CHECK(LiteRtGetNumSignatureOutputs(model->signature, &model->outputs));
    return 1;
}

/* The type of a tensor, with one row, and the given length for what else is open; returns its elements. */
static size_t type_of(void *tensor, int length, Type *type) {
    size_t count = 1;
    CHECK(LiteRtGetRankedTensorType(tensor, type));
    for (unsigned axis = 0; axis < type->layout.rank; axis++) {
        int32_t *size = &type->layout.sizes[axis];
        if (*size < 0) *size = axis ? length : 1;
        count *= *size;
    }
    return count;
}

static void run(Model *model) {
    void *in[NAMES], *out[NAMES], *tensor;
    float *fresh[NAMES];
    const char *name;
    Type type;
    for (size_t place = 0; place < model->inputs; place++) {
        CHECK(LiteRtGetSignatureInputName(model->signature, place, &name));
        CHECK(LiteRtGetSignatureInputTensorByIndex(model->signature, place, &tensor));
        Array *given = array(name);
        size_t count = type_of(tensor, given->data ? given->length : 1, &type);
        if (!given->data) set(name, count, 1); /* states begin as zeros */
        CHECK(LiteRtCompiledModelResizeInputTensor(model->compiled, 0, place, type.layout.sizes, type.layout.rank));
        CHECK(LiteRtCreateTensorBufferFromHostMemory(&type, given->data, count * 4, NULL, &in[place]));
    }
    for (size_t place = 0; place < model->outputs; place++) {
        CHECK(LiteRtGetSignatureOutputTensorByIndex(model->signature, place, &tensor));
        size_t count = type_of(tensor, 1, &type);
        fresh[place] = memory(count);
        CHECK(LiteRtCreateTensorBufferFromHostMemory(&type, fresh[place], count * 4, NULL, &out[place]));
    }
    CHECK(LiteRtRunCompiledModel(model->compiled, 0, model->inputs, in, model->outputs, out));
    for (size_t place = 0; place < model->inputs; place++) LiteRtDestroyTensorBuffer(in[place]);
    for (size_t place = 0; place < model->outputs; place++) {
        CHECK(LiteRtGetSignatureOutputName(model->signature, place, &name));
        CHECK(LiteRtGetSignatureOutputTensorByIndex(model->signature, place, &tensor));
        size_t count = type_of(tensor, 1, &type);
        memcpy(set(name, count, 1), fresh[place], count * 4);
        LiteRtDestroyTensorBuffer(out[place]);
        free(fresh[place]);
    }
}

/* The pieces of a SentencePiece model: of each field 1 of the file, the field 1. */
static int read_pieces(const char *folder, char (*pieces)[128], int most) {
    char path[4096];
    int count = 0;
    snprintf(path, sizeof path, "%s/tokenizer.model", folder);
    FILE *file = fopen(path, "rb");
    if (!file) exit(1);
    for (int byte; count < most && fgetc(file) == 0x0A; count++) {
        unsigned size = 0, shift = 0;
        do byte = fgetc(file), size |= (byte & 127u) << shift, shift += 7; while (byte & 128);
        unsigned char content[256];
        if (size > sizeof content || fread(content, 1, size, file) != size || content[1] >= 128) exit(1);
        memcpy(pieces[count], content + 2, content[1]);
        pieces[count][content[1]] = 0;
    }
    fclose(file);
    return count;
}

static void say(const char *piece, int first) {
    unsigned byte;
    if (sscanf(piece, "<0x%2X>", &byte) == 1) putchar(byte);
    else if (!strncmp(piece, "\xE2\x96\x81", 3)) printf("%s%s", first ? "" : " ", piece + 3); /* the sign of a space */
    else fputs(piece, stdout);
}

int main(int count, char **given) {
    static char pieces[65536][128];
    static int32_t ids[MOST], ngrams[4096];
    static float weights[4096], vectors[1024];
    Model backward, encoder, recall, decoder;
    int length = 0, features = 0, numbers = 0;
    for (int place = 2; place < count; place++) {
        char *weight = strchr(given[place], ':');
        if (!weight && length < MOST) ids[length++] = atoi(given[place]);
        if (weight && !atoi(given[place])) {
            if (numbers < 1024) vectors[numbers++] = atof(weight + 1);
        } else if (weight && features < 4096) ngrams[features] = atoi(given[place]), weights[features++] = atof(weight + 1);
    }
    if (!length) return fputs("usage: step_models BUNDLE ID... [NUMBER:WEIGHT...] [0:FEATURE...]\n", stderr), 2;
    CHECK(LiteRtCreateEnvironment(0, NULL, &environment));
    CHECK(LiteRtCreateOptions(&options));
    CHECK(LiteRtSetOptionsHardwareAccelerators(options, 1)); /* the processor */
    int32_t *token = (int32_t *)set("token", 1, 1);

    float *back = NULL, *seen = NULL;
    size_t half = 0, units = 0;
    if (load(&backward, given[1], "backward")) {
        for (int place = length; place--;) {
            *token = ids[place];
            run(&backward);
            half = array("h")->count;
            if (!back) back = memory(length * half);
            memcpy(back + place * half, array("h")->data, half * 4);
        }
        memcpy(set("h1", 2 * half, 1) + half, array("h")->data, half * 4);
        if (array("c")->data) memcpy(set("c1", 2 * half, 1) + half, array("c")->data, half * 4);
    }
    if (!load(&encoder, given[1], "encoder")) return fputs("no step models there\n", stderr), 1;
    for (int place = 0; place < length; place++) {
        *token = ids[place];
        if (back) memcpy(set("backward", half, 1), back + place * half, half * 4);
        run(&encoder);
        if (!array("output")->data) continue; /* a model without attention */
        units = array("output")->count;
        if (!seen) seen = memory(length * units);
        memcpy(seen + place * units, array("output")->data, units * 4);
    }
    if (load(&recall, given[1], "recall")) {
        memcpy(set("tokens", length, length), ids, length * 4);
        memcpy(set("ngrams", features + 1, features + 1), ngrams, features * 4);
        memcpy(set("ngram_weights", features + 1, features + 1), weights, features * 4);
        if (numbers) memcpy(set("word_vectors", numbers, numbers), vectors, numbers * 4);
        run(&recall);
    }
    if (seen) {
        memcpy(set("memory", length * units, length), seen, length * units * 4);
        for (float *mask = set("mask", length, length), *end = mask + length; mask < end; mask++) *mask = 1;
    }

    load(&decoder, given[1], "decoder");
    int vocabulary = read_pieces(given[1], pieces, 65536);
    *token = GO;
    for (int step = 0; step < MOST; step++) {
        run(&decoder);
        float *logits = array("logits")->data;
        int best = EOS;
        for (int id = EOS + 1; id < vocabulary; id++) {
            unsigned byte = 32; /* a control character is never said */
            sscanf(pieces[id], "<0x%2X>", &byte);
            if (logits[id] > logits[best] && byte >= 32 && byte != 127) best = id;
        }
        if (best == EOS) break;
        say(pieces[best], step == 0);
        *token = best;
    }
    putchar('\n');
    return 0;
}
