/* A variadic function of the module's own: it reads what its caller passed in registers and on the stack. */
#include "check.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

__attribute__((noinline)) static long sum(int count, ...)
{
    va_list arguments;
    va_start(arguments, count);
    long total = 0;
    for (int i = 0; i < count; i++)
        total = total * 2 + va_arg(arguments, int);
    va_end(arguments);
    return total;
}

__attribute__((noinline)) static double mixed(const char *kinds, ...)
{
    va_list arguments;
    va_start(arguments, kinds);
    double total = 0;
    for (; *kinds; kinds++)
        total += *kinds == 'd' ? va_arg(arguments, double) : (double)va_arg(arguments, long);
    va_end(arguments);
    return total;
}

__attribute__((noinline)) static int format(char *text, size_t size, const char *pattern, ...)
{
    va_list arguments;
    va_start(arguments, pattern);
    int length = vsnprintf(text, size, pattern, arguments);
    va_end(arguments);
    return length;
}

int main(void)
{
    CHECK(sum(3, 1, 2, 3) == 11);
    CHECK(sum(10, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1) == 513);
    CHECK(mixed("dldldldldldldldldldldd", 0.5, 1L, 0.5, 1L, 0.5, 1L, 0.5, 1L, 0.5, 1L, 0.5, 1L, 0.5, 1L, 0.5, 1L, 0.5,
                1L, 0.5, 1L, 0.5, 0.25) == 15.75);
    char text[40];
    CHECK(format(text, sizeof text, "%s-%d-%.2f", "x", 12, 0.75) == 9 && !strcmp(text, "x-12-0.75"));
    return 0;
}
