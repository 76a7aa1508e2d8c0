int enter(void);
int is_even(unsigned number);
int is_odd(unsigned number);

int is_odd(unsigned number) { return enter() && number != 0 && is_even(number - 1); }
