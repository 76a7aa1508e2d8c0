/* Literals in sections that a linker may merge: addresses into their middle must keep pointing where they did. */
#include "check.h"
#include <string.h>

static const char *const words[] = {"kernel", "linker", "nel", "a literal with a long tail", "tail"};
static const char *const into_the_middle = &"0123456789"[4];
static const int wide[] = {L'w', L'i', L'd', L'e'};

int main(void)
{
    CHECK(!strcmp(words[0] + 3, words[2]));
    CHECK(!strcmp(words[3] + 22, words[4]));
    CHECK(!strcmp(into_the_middle, "456789"));
    CHECK(L"wide"[UNKNOWN(int, 3)] == wide[3]);
    CHECK(sizeof words / sizeof *words == 5);
    return 0;
}
