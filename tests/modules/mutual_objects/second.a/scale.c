int add(int one, int other);
int scale(int number);

int scale(int number) { return add(number, add(number, number)); }
