//@ flavours: gcc-default clang-default gcc-pic-O3
/* An IFUNC, whose address a resolver chooses at load time: refused by name for now. */
static int implementation(void)
{
    return 1;
}

static int (*resolve(void))(void)
{
    return implementation;
}

int chosen_at_load(void) __attribute__((ifunc("resolve")));

int main(void)
{
    return chosen_at_load();
}
