/* Two undefined symbols: the one error names both, hence the second. */
int first_missing(void);
extern int second_missing;

int main(void)
{
    return first_missing() + second_missing;
}
