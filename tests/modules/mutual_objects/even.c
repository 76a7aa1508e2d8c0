int enter(void);
int is_odd(unsigned number);
int is_even(unsigned number);

int is_even(unsigned number) { return enter() && (number == 0 || is_odd(number - 1)); }
