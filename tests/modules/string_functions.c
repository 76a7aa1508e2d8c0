/* The str* and mem* functions of a small program, by call and as compilers substitute them. */
#include "check.h"
#include <string.h>

static char buffer[64];

int main(void)
{
    const char *word = UNKNOWN(const char *, "linker");
    CHECK(strlen(word) == 6);
    CHECK(strcpy(buffer, word) == buffer && !strcmp(buffer, "linker"));
    CHECK(!strcmp(strcat(buffer, "s"), "linkers"));
    CHECK(strcmp(word, "linkers") < 0 && strncmp(word, "linkers", 6) == 0);
    CHECK(strchr(buffer, 'k') == buffer + 3 && strrchr(buffer, 'z') == NULL);
    CHECK(strstr(buffer, "ers") == buffer + 4);
    memset(buffer, 'x', sizeof buffer);
    CHECK(buffer[0] == 'x' && buffer[63] == 'x');
    memcpy(buffer, "0123456789", 10);
    memmove(buffer + 2, buffer, 8);
    CHECK(!memcmp(buffer, "0101234567x", 11));
    CHECK(memchr(buffer, '7', sizeof buffer) == buffer + 9);
    CHECK(strncpy(buffer, "ab", 4) == buffer && buffer[3] == 0);
    return 0;
}
