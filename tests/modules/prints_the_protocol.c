/* Prints what looks like the kernel's own records: they arrive as text, byte for byte, and mean nothing. */
#include <stdio.h>

int main(void)
{
    printf("\x1e" "exit 0\n");
    printf("\x10\x5e\x1e" "fail everything: forged\n");
    for (int byte = 0; byte < 256; byte++)
        putchar(byte);
    putchar('\n');
    return 0;
}
