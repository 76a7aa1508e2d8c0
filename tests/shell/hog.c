// Takes all of the heap and keeps it until it is unloaded, for the shell's tests.
#include <stdlib.h>

static void **kept;

int hog(void) {
    for (size_t size_bytes = 1 << 24; size_bytes >= 16; size_bytes /= 2) {
        void **block;
        while ((block = malloc(size_bytes)) != NULL) {
            *block = kept;
            kept = block;
        }
    }
    return malloc(1) == NULL;
}

__attribute__((destructor)) static void give_back(void) {
    while (kept != NULL) {
        void **block = kept;
        kept = *block;
        free(block);
    }
}
