/* Weak definitions: one that another object overrides, and one that stands. */
int overridden(void);
int standing(void);
int weak_value __attribute__((weak)) = 1;

__attribute__((weak)) int overridden(void)
{
    return 1;
}

__attribute__((weak)) int standing(void)
{
    return 10;
}

int seen_beside_the_weak_one(void)
{
    return overridden() + weak_value;
}
