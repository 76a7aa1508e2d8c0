int add(int one, int other);
int shift(int number);

static int distance = 100;

int shift(int number) { return add(number, distance); }
