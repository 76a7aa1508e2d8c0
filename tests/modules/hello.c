/* The program that everybody writes first. */
#include <stdio.h>

int main(void)
{
    int written = printf("hello %d %s %5.2f\n", 42, "world", 3.14159);
    return written == 21 ? 0 : 1;
}
