import pg from "pg";

/** What the demo's visitors sign in with. Not a superuser: PostgreSQL's superusers may run programs. */
export const SHOP = { database: "shop", user: "demo", password: "demo" } as const;

const ROLE = `create role ${SHOP.user} login password '${SHOP.password}'`;

/** A small shop with enough rows to be worth a query; the same on every machine. */
const TABLES = `
create table customers (
  id integer primary key generated always as identity,
  name text not null,
  city text not null,
  country text not null,
  joined_on date not null
);
create table products (
  id integer primary key generated always as identity,
  name text not null unique,
  category text not null,
  price numeric(10, 2) not null check (price > 0),
  stock integer not null check (stock >= 0)
);
create table orders (
  id integer primary key generated always as identity,
  customer_id integer not null references customers,
  status text not null check (status in ('new', 'paid', 'shipped', 'returned')),
  placed_at timestamptz not null
);
create index on orders (customer_id);
create index on orders (placed_at);
create table order_items (
  order_id integer not null references orders,
  product_id integer not null references products,
  quantity integer not null check (quantity > 0),
  price numeric(10, 2) not null,
  primary key (order_id, product_id)
);

insert into customers (name, city, country, joined_on)
select first || ' ' || last, city, country, date '2024-01-01' + (n * 37 % 600)
from generate_series(1, 240) as n
cross join lateral (
  select (array['Aino','Ben','Chiara','Dana','Emeka','Farah','Goran','Hana','Ines','Jonas','Kira','Liam'])[1 + n % 12] as first,
         (array['Berg','Costa','Dubois','Eriksen','Fischer','Garcia','Horvat','Ito','Jansen','Kovacs'])[1 + n * 7 % 10] as last,
         1 + n * 5 % 8 as place
) as names
cross join lateral (
  select (array['Helsinki','Lisbon','Lyon','Oslo','Graz','Sevilla','Zagreb','Osaka'])[place] as city,
         (array['FI','PT','FR','NO','AT','ES','HR','JP'])[place] as country
) as places;

insert into products (name, category, price, stock)
values ('Trail shoes', 'Footwear', 129.00, 84), ('Rain jacket', 'Clothing', 189.50, 41),
       ('Merino shirt', 'Clothing', 64.90, 210), ('Headlamp', 'Gear', 48.00, 133),
       ('Two-person tent', 'Camping', 329.00, 18), ('Sleeping mat', 'Camping', 74.50, 62),
       ('Camp stove', 'Camping', 92.00, 37), ('Water filter', 'Gear', 39.90, 155),
       ('Trekking poles', 'Gear', 84.00, 58), ('Day pack 22 l', 'Bags', 99.00, 71),
       ('Backpack 55 l', 'Bags', 219.00, 26), ('Wool socks', 'Footwear', 18.50, 480);

-- hashint4 spreads numbers like chance does, and gives the same numbers everywhere.
insert into orders (customer_id, status, placed_at)
select 1 + abs(hashint4(n)) % 240,
       (array['shipped','shipped','shipped','shipped','paid','paid','new','returned'])[1 + abs(hashint4(n + 7000)) % 8],
       timestamptz '2026-05-01 08:00+00' + n * interval '2 hours 47 minutes'
       + abs(hashint4(n + 9000)) % 150 * interval '1 minute'
from generate_series(1, 1500) as n;

insert into order_items (order_id, product_id, quantity, price)
select o.id, p.id, 1 + abs(hashint4(o.id * 31 + p.id)) % 3, p.price
from orders o
join products p on abs(hashint4(o.id * 17 + p.id * 101)) % 100 < 6 + p.stock / 10;

create view sales_by_category as
select p.category, count(distinct o.id) as orders, sum(i.quantity) as items,
       sum(i.quantity * i.price) as revenue
from orders o
join order_items i on i.order_id = o.id
join products p on p.id = i.product_id
where o.status <> 'returned'
group by p.category
order by revenue desc;

analyze customers, products, orders, order_items;
`;

export interface Superuser {
  readonly port: number;
  readonly user: string;
  readonly password: string;
}

/** Fills a new PostgreSQL with the demo's database. */
export async function createShop(superuser: Superuser): Promise<void> {
  await withClient({ ...superuser, database: "postgres" }, async (client) => {
    await client.query(ROLE);
    await client.query(`create database ${SHOP.database} owner ${SHOP.user}`);
    await client.query("revoke connect on database postgres from public");
  });
  await withClient({ ...SHOP, port: superuser.port }, async (client) => {
    await client.query("begin");
    await client.query(TABLES);
    await client.query("commit");
  });
}

/** Whether the demo's database is there and whole. */
export async function isShopReady(port: number): Promise<boolean> {
  try {
    await withClient({ ...SHOP, port }, (client) =>
      client.query("select 1 from sales_by_category"),
    );
    return true;
  } catch {
    return false;
  }
}

async function withClient(
  options: Superuser & { readonly database: string },
  work: (client: pg.Client) => Promise<unknown>,
): Promise<void> {
  const client = new pg.Client({
    ...options,
    host: "127.0.0.1",
    connectionTimeoutMillis: 10_000,
  });
  client.on("error", () => {
    // A connection that breaks makes the query under way fail, which is what is reported.
  });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
