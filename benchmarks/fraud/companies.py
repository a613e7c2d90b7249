"""The register: companies, groups, people who sit on many boards, and who trades with whom."""

from __future__ import annotations

import math
from dataclasses import dataclass
from random import Random

from benchmarks.fraud.drafts import MILLION, Company, Honest, Pair, World

CNY, USD = "CNY", "USD"
USUAL_LEVEL, LEVEL_SPREAD = math.log(80_000_00), 0.95
DAYS_BEFORE = 6_000  # how old the oldest company is at the start


@dataclass(frozen=True, slots=True)
class Sector:
    """What its companies sell (minor units for a unit), to whom, and in which month most."""

    goods: dict[str, int]
    sells_to: tuple[str, ...]
    peak: int


SECTORS = {
    "cotton": Sector({"cotton lint": 15_20, "cotton waste": 6_10}, ("yarn",), 11),
    "yarn": Sector({"cotton yarn": 24_00, "blended yarn": 21_50}, ("fabric",), 3),
    "fabric": Sector({"denim": 18_40, "poplin": 12_30, "canvas": 22_10}, ("garments",), 4),
    "garments": Sector({"shirts": 65_00, "trousers": 98_00, "jackets": 240_00}, ("retail",), 10),
    "ore": Sector({"iron ore": 82, "coking coal": 1_60}, ("steel",), 6),
    "steel": Sector({"steel coil": 4_10, "steel bar": 3_90}, ("parts", "machinery"), 5),
    "parts": Sector({"bearings": 36_00, "gears": 120_00, "housings": 75_00}, ("machinery",), 9),
    "machinery": Sector({"pumps": 3_400_00, "motors": 1_250_00}, ("yarn", "steel", "food"), 12),
    "grain": Sector({"wheat": 2_60, "maize": 2_20}, ("food",), 8),
    "food": Sector({"flour": 3_40, "noodles": 6_80, "starch": 4_90}, ("retail", "chemicals"), 1),
    "chemicals": Sector({"resin": 9_40, "dye": 46_00}, ("plastics", "fabric"), 7),
    "plastics": Sector({"film": 13_00, "crates": 42_00}, ("food", "retail", "parts"), 9),
    "retail": Sector({"used cartons": 90}, ("plastics",), 1),
}
PLACES = (
    *("Ningbo", "Suzhou", "Wuxi", "Foshan", "Dongguan", "Jinan", "Qingdao", "Hefei"),
    *("Nantong", "Jiaxing", "Yantai", "Weifang", "Xiamen", "Zhuhai", "Huizhou", "Taizhou"),
    *("Wenzhou", "Shaoxing", "Linyi", "Zibo", "Changzhou", "Yangzhou", "Quanzhou", "Baoding"),
)
STEMS = (
    *("Hongda", "Jinyuan", "Xinhua", "Ruifeng", "Tianhe", "Dongsheng", "Longtai", "Huaxin"),
    *("Yongfa", "Baolai", "Weiye", "Shunxing", "Kaida", "Minghui", "Guangyuan", "Lianhe"),
    *("Fuxing", "Zhongtai", "Chengda", "Haoyu", "Yuanda", "Jiahe", "Senlin", "Boyuan"),
)
ENDINGS = ("Co., Ltd.", "Co. Ltd", "Company Limited", "Co.,Ltd")
STYLES = 5


def hashed(chance: Random) -> str:
    """A hash of something that nobody shows."""
    return f"{chance.getrandbits(96):024x}"


def new_company(world: World, chance: Random, sector: str, *, registered: int) -> Company:
    """A company with owners, directors and habits of its own. It is not in the register yet."""
    place, stem = chance.choice(PLACES), chance.choice(STEMS)
    company = Company(
        name=f"{place} {stem} {sector.capitalize()} {chance.choice(ENDINGS)}",
        sector=sector,
        registered_day=registered,
    )
    people = [hashed(chance) for _ in range(chance.choice((1, 1, 2, 2, 3)))]
    company.owners = [*_shares(chance, people)]
    company.directors = [people[0], *(hashed(chance) for _ in range(chance.choice((0, 1, 1, 2))))]
    company.contacts = [hashed(chance) for _ in range(3)]
    company.weight = chance.lognormvariate(0, 0.8)
    company.prefix = f"{stem[0]}{place[0]}"
    company.number_style = chance.randrange(STYLES)
    late = chance.random() < 0.12  # noqa: PLR2004 - a late payer
    company.late = chance.uniform(15, 40) if late else chance.uniform(-2, 6)
    company.batch = chance.choice(("each", "each", "week", "month"))
    company.refers = chance.choice((1.0, 0.98, 0.9, 0.6))
    return company


def _shares(chance: Random, people: list[str]) -> list[tuple[Company | str, int]]:
    cuts = sorted(chance.randrange(50_000, 950_000) for _ in people[1:])
    ends = [*cuts, MILLION]
    return [
        (person, end - start)
        for person, start, end in zip(people, [0, *cuts], ends, strict=True)
        if end > start
    ]


def found_companies(world: World) -> None:
    """Everybody who is in the register before any fraud."""
    chance = world.stream("companies")
    sectors = list(SECTORS)
    for place in range(world.size):
        young = chance.random() < 0.05  # noqa: PLR2004 - founded within the two years
        span = (
            (world.first, world.today - 150) if young else (world.first - DAYS_BEFORE, world.first)
        )
        sector = sectors[place % len(sectors)]
        world.companies.append(new_company(world, chance, sector, registered=chance.randint(*span)))
    for place in range(5):
        world.banks.append(
            new_company(world, chance, "bank", registered=world.first - 7_000 - place)
        )
    for _ in range(max(4, world.size // 60 * 2)):
        registered = world.first - chance.randint(200, 5_000)
        world.warehouses.append(new_company(world, chance, "warehouse", registered=registered))
    _entangle(world, chance)
    _found_groups(world, chance)
    _hold(world, chance)
    for company in world.companies:
        if company.treasury is None and chance.random() < 0.08:  # noqa: PLR2004 - owners not known
            company.owners = []
        if chance.random() < 0.04:  # noqa: PLR2004 - day not known
            company.registered_day = None
    buying = {name for sector in SECTORS.values() for name in sector.sells_to}
    buyers = [company for company in world.companies if company.sector in buying]
    for company in chance.sample(buyers, 1 + world.size // 100):
        company.insolvent_day = chance.randint(world.first + 200, world.today - 60)


def _entangle(world: World, chance: Random) -> None:
    """Board members by profession, addresses of agents, and investors with small shares."""
    for _ in range(max(2, world.size // 40)):
        person = hashed(chance)
        for company in chance.sample(world.companies, min(6, world.size)):
            company.directors.append(person)
    for _ in range(max(2, world.size // 70)):
        address = hashed(chance)
        for company in chance.sample(world.companies, min(10, world.size)):
            company.contacts[0] = address
    for _ in range(max(2, world.size // 50)):
        investor = hashed(chance)
        for company in chance.sample(world.companies, min(6, world.size)):
            share = chance.randrange(50_000, 200_000)
            company.owners = [
                *((holder, held * (MILLION - share) // MILLION) for holder, held in company.owners),
                (investor, share),
            ]


def _hold(world: World, chance: Random) -> None:
    """Families who own their one company through a holding company."""
    for company in chance.sample(world.companies, world.size // 12):
        if company.treasury is None and not any(
            isinstance(holder, Company) for holder, _ in company.owners
        ):
            registered = (company.registered_day or world.first) - chance.randint(0, 900)
            holding = new_company(world, chance, "holding", registered=registered)
            holding.owners = company.owners
            company.owners = [(holding, MILLION)]
            world.holdings.append(holding)


def _found_groups(world: World, chance: Random) -> None:
    """Groups that say so: one name, one holding company, and perhaps one treasury that pays."""
    free = [company for company in world.companies if SECTORS[company.sector].sells_to]
    chance.shuffle(free)
    for _ in range(max(2, world.size // 50)):
        first = free.pop()
        second = next(
            (other for other in free if other.sector in SECTORS[first.sector].sells_to), None
        )
        if second is None:
            continue
        free.remove(second)
        stem = f"{chance.choice(STEMS)}-{chance.choice(PLACES)}"
        registered = world.first - DAYS_BEFORE - chance.randint(100, 900)
        holding = new_company(world, chance, "holding", registered=registered)
        holding.name = f"{stem} Holding {chance.choice(ENDINGS)}"
        world.holdings.append(holding)
        pays = chance.random() < 0.4  # noqa: PLR2004 - a treasury
        for company in (first, second):
            company.name = f"{stem} {company.sector.capitalize()} {chance.choice(ENDINGS)}"
            rest = hashed(chance)
            share = chance.randrange(550_000, 950_000)
            company.owners = [(holding, share), (rest, MILLION - share)]
            company.treasury = holding if pays else None
        pair = new_pair(world, chance, first, second, start=world.first)
        pair.honest = Honest.GROUP
        world.pairs.append(pair)


def new_pair(world: World, chance: Random, seller: Company, buyer: Company, *, start: int) -> Pair:
    """Two who trade, with prices and habits as any pair has. It is in no list yet."""
    sector = SECTORS[seller.sector]
    names = chance.sample(list(sector.goods), chance.randint(1, len(sector.goods)))
    prices = {
        name: max(1, round(sector.goods[name] * chance.lognormvariate(0, 0.06))) for name in names
    }
    size = 0.25 * math.log(seller.weight * buyer.weight)
    return Pair(
        seller=seller,
        buyer=buyer,
        currency=USD if chance.random() < 0.06 else CNY,  # noqa: PLR2004 - exports
        prices=prices,
        level=chance.gauss(USUAL_LEVEL, LEVEL_SPREAD) + size,
        spread=chance.uniform(0.15, 0.5),
        monthly=min(6.0, chance.lognormvariate(-0.15, 0.6)),
        trend=chance.gauss(0.05, 0.15),
        season=chance.choice((0.0, 0.1, 0.25, 0.4)),
        peak=sector.peak,
        terms=chance.choice((30, 30, 45, 60, 60, 90)),
        start=start,
        orders=chance.choices(("each", "framework", "unknown"), (45, 25, 30))[0],
        moves_known=chance.random() < 0.75,  # noqa: PLR2004 - the others' carriers report nothing
        invoiced_after=chance.choice((-2, 0, 0, 1, 2, 4)),
    )


def arrange_trade(world: World) -> None:
    """Who buys of whom: more of those that are large, sometimes both ways, sometimes in a cycle."""
    chance = world.stream("pairs")
    known = {(pair.seller, pair.buyer) for pair in world.pairs}
    by_sector: dict[str, list[Company]] = {name: [] for name in SECTORS}
    for company in world.companies:
        by_sector[company.sector].append(company)
    for seller in world.companies:
        choices = [
            buyer
            for name in SECTORS[seller.sector].sells_to
            for buyer in by_sector[name]
            if buyer is not seller
        ]
        for _ in range(min(len(choices), 1 + int(chance.expovariate(0.6)))):
            buyer = chance.choices(choices, [company.weight for company in choices])[0]
            if (seller, buyer) not in known:
                known.add((seller, buyer))
                world.pairs.append(_honest_pair(world, chance, seller, buyer))
    _mark(world)


def _honest_pair(world: World, chance: Random, seller: Company, buyer: Company) -> Pair:
    fresh = chance.random() < 0.18  # noqa: PLR2004 - they meet within the two years
    pair = new_pair(world, chance, seller, buyer, start=world.first)
    registered = [day for day in (seller.registered_day, buyer.registered_day) if day is not None]
    youngest = max(registered, default=world.first)
    if fresh or youngest >= world.first:
        earliest = max(world.first + 20, youngest + 20)
        pair.start = chance.randint(earliest, max(earliest, world.today - 60))
        if chance.random() < 0.5:  # noqa: PLR2004 - stocks are filled at first
            pair.honest = Honest.NEW_PAIR
    kind = chance.random()
    if pair.honest is None:
        _give_habit(pair, chance, kind)
    return pair


def _give_habit(pair: Pair, chance: Random, kind: float) -> None:
    """The habits that look odd, each of a few per cent of pairs."""
    habits = (
        (0.07, Honest.RECURRING),
        (0.10, Honest.ROUND),
        (0.12, Honest.PREPAID),
    )
    pair.honest = next((honest for limit, honest in habits if kind < limit), None)
    if pair.honest is Honest.RECURRING:
        pair.recurring = chance.choice((7, 14, 28, 30))
    pair.round_to = (
        chance.choice((100_00, 1_000_00, 5_000_00)) if pair.honest is Honest.ROUND else 0
    )
    pair.prepaid = pair.honest is Honest.PREPAID


def _mark(world: World) -> None:
    """Names the pairs that are in cycles of two or three, or that share a person or an address."""
    sells: dict[Company, list[Company]] = {}
    for pair in world.pairs:
        sells.setdefault(pair.seller, []).append(pair.buyer)
    for pair in world.pairs:
        if pair.honest is not None:
            continue
        onward = sells.get(pair.buyer, [])
        cycle = pair.seller in onward or any(
            pair.seller in sells.get(third, ()) for third in onward
        )
        shared = {*pair.seller.directors, *pair.seller.contacts} & {
            *pair.buyer.directors,
            *pair.buyer.contacts,
        }
        if cycle:
            pair.honest = Honest.CYCLE
        elif shared:
            pair.honest = Honest.COINCIDENCE
