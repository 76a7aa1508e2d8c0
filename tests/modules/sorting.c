/* qsort and bsearch call back into the module; strtol and ctype read tables of the library's. */
#include "check.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static int compared;

static int by_value(const void *a, const void *b)
{
    compared++;
    return (*(const int *)a > *(const int *)b) - (*(const int *)a < *(const int *)b);
}

int main(void)
{
    int numbers[100];
    for (int i = 0; i < 100; i++)
        numbers[i] = i * 37 % 101;
    qsort(numbers, 100, sizeof *numbers, by_value);
    for (int i = 1; i < 100; i++)
        CHECK(numbers[i - 1] < numbers[i]);
    CHECK(compared >= 99);
    int key = UNKNOWN(int, numbers[40]);
    CHECK(bsearch(&key, numbers, 100, sizeof *numbers, by_value) == &numbers[40]);
    char *end;
    CHECK(strtol(UNKNOWN(const char *, "-123rest"), &end, 10) == -123 && !strcmp(end, "rest"));
    CHECK(strtoul("ff", 0, 16) == 255 && atoi("77") == 77);
    CHECK(isdigit(UNKNOWN(int, '7')) && !isdigit(UNKNOWN(int, 'x')) && toupper(UNKNOWN(int, 'q')) == 'Q');
    CHECK(abs(UNKNOWN(int, -4)) == 4);
    return 0;
}
