/* main is given a count and as many arguments, ended by a null pointer. */
#include "check.h"
#include <stddef.h>
#include <string.h>

int main(int argc, char **argv)
{
    CHECK(argc >= 0);
    for (int i = 0; i < argc; i++)
        CHECK(argv[i] != NULL && strlen(argv[i]) < 4096);
    CHECK(argv == NULL || argv[argc] == NULL);
    return 0;
}
