/* stdout and stderr are data of the kernel's: code without a GOT reaches them directly. */
#include "check.h"
#include <stdio.h>

static FILE *const *const address_of_stderr = &stderr;

int main(void)
{
    CHECK(stdout != stderr && *address_of_stderr == stderr);
    CHECK(fprintf(stdout, "%s %d\n", "to standard output", 1) == 21);
    CHECK(fputs("to standard error\n", stderr) >= 0);
    CHECK(fputc('.', stdout) == '.' && putchar('\n') == '\n');
    CHECK(puts("a line") >= 0);
    return 0;
}
