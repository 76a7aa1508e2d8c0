//@ flavours: clang-O2 clang-nopic-O3 clang-default gcc-default gcc-O2 gcc-large gcc-debug
/* Compresses a mebibyte, expands it again, compares, and checks the CRC against one computed here. */
#include "../check.h"
#include "zlib.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIZE (1u << 20)

/* Text of few words, so that there is something to compress. */
static void fill(unsigned char *bytes)
{
    static const char *const words[] = {"block ", "edge ", "addend ", "symbol ", "section ", "segment ", "fixup ", "dylib "};
    unsigned state = 12345;
    for (unsigned at = 0; at < SIZE;) {
        state = state * 1103515245u + 12345u;
        const char *word = words[state >> 16 & 7];
        for (unsigned i = 0; word[i] && at < SIZE; i++)
            bytes[at++] = (unsigned char)word[i];
        if (at < SIZE)
            bytes[at++] = (unsigned char)(state >> 24);
    }
}

/* The CRC by its definition, bit for bit. */
static unsigned long crc_by_bits(const unsigned char *bytes, unsigned size)
{
    unsigned crc = 0xffffffffu;
    for (unsigned i = 0; i < size; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
    }
    return crc ^ 0xffffffffu;
}

int main(void)
{
    uLong bound = compressBound(SIZE);
    unsigned char *original = malloc(SIZE), *compressed = malloc(bound), *expanded = calloc(1, SIZE);
    CHECK(original && compressed && expanded);
    fill(original);
    uLong compressed_size = bound, expanded_size = SIZE;
    CHECK(compress2(compressed, &compressed_size, original, SIZE, 6) == Z_OK);
    CHECK(compressed_size < SIZE / 2);
    CHECK(uncompress(expanded, &expanded_size, compressed, compressed_size) == Z_OK);
    CHECK(expanded_size == SIZE && !memcmp(original, expanded, SIZE));
    CHECK(crc32(crc32(0, Z_NULL, 0), expanded, SIZE) == crc_by_bits(original, SIZE));
    CHECK(adler32(1, original, SIZE) == adler32(1, expanded, SIZE));
    compressed[compressed_size / 2] ^= 1;
    expanded_size = SIZE;
    CHECK(uncompress(expanded, &expanded_size, compressed, compressed_size) != Z_OK);
    printf("zlib %s: %u bytes became %lu\n", zlibVersion(), SIZE, compressed_size);
    free(original);
    free(compressed);
    free(expanded);
    return 0;
}
