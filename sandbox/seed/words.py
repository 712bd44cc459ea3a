"""The invented names, companies and notes of the seeded portals."""

# ruff: noqa: RUF001 - names in many scripts are intended

# Given and family names per language, so that sorting, search and fonts meet many scripts.
PEOPLE: list[tuple[list[str], list[str]]] = [
    (
        ["Anna", "Jonas", "Lena", "Felix", "Greta", "Moritz"],
        ["Schmidt", "Bergmann", "Köhler", "Weiß", "Lindner"],
    ),
    (
        ["Emily", "James", "Grace", "Oliver", "Chloe", "Henry"],
        ["Carter", "O'Neill", "Whitfield", "Barlow", "Ashdown"],
    ),
    (
        ["Camille", "Théo", "Éloïse", "Hugo", "Maëlys"],
        ["Lefèvre", "Dubreuil", "Garnier", "Chevallier", "Noël"],
    ),
    (
        ["Lucía", "Mateo", "Íñigo", "Valeria", "Andrés"],
        ["Peña", "Ibáñez", "Quintero", "Salvatierra", "Muñoz"],
    ),
    (
        ["Zofia", "Jakub", "Małgorzata", "Łukasz", "Agnieszka"],
        ["Wiśniewska", "Żak", "Kaczmarek", "Dąbrowski", "Łuczak"],
    ),
    (
        ["Мария", "Алексей", "Екатерина", "Дмитрий", "Ольга"],
        ["Соколова", "Лебедев", "Ёлкина", "Журавлёв", "Щукина"],
    ),
    (["Олена", "Тарас", "Ганна", "Богдан"], ["Ковальчук", "Їжак", "Шевчук", "Ґерасименко"]),
    (["Ayşe", "Mehmet", "Işıl", "Çağrı", "Gülşen"], ["Yıldız", "Öztürk", "Şahin", "Karagöz"]),
    (["ليلى", "كريم", "نور", "يوسف"], ["حداد", "منصور", "الخطيب", "درويش"]),
    (["陽子", "健太", "美咲", "大輔"], ["田中", "小林", "渡辺", "中村"]),
    (["小明", "丽华", "建国", "秀英"], ["王", "李", "欧阳", "张"]),
    (["João", "Beatriz", "Caetano", "Inês"], ["Gonçalves", "Araújo", "Simões", "Falcão"]),
    (["Linh", "Đức", "Ngọc", "Thảo"], ["Nguyễn", "Trần", "Đặng", "Phạm"]),
]

# Several people share a name, as in every real list of customers.
NAMESAKES = [("Anna", "Schmidt"), ("Мария", "Соколова"), ("James", "Carter")]

COMPANIES = [
    "Northwind Dental",
    "Blaue Brücke GmbH",
    "Café Éclipse",
    "Panadería El Sol Naciente",
    "Sadowa Spółdzielnia",
    "ООО «Ромашка и сыновья»",
    "Ковальчук і партнери",
    "Boğaz Lojistik",
    "شركة الأفق",
    "株式会社あさひ",
    "海风贸易有限公司",
    "Atelier Maré Alta",
    "Công ty Sen Vàng",
    "Harbour & Finch Ltd",
    "Tischlerei Eichenlaub",
    "Studio Corallo",
    "Fjordlys AS",
    "Kettle Lane Yoga",
    "Praxis am Park",
    "Orchard Row Vets",
]

NOTES = [
    "Prefers mornings",
    "Wants a call before 10:00",
    "Any day next week, not Wednesday",
    "Zweitermin nach der Untersuchung",
    "Rollstuhlgerechter Raum nötig",
    "Только после 18:00",
    "Préfère un rendez-vous le samedi",
    "Necesita factura a nombre de la empresa",
    "Two people, one slot",
    "Speaks Polish and a little English",
    "Asked twice already – please hurry 🙏",
    "窓側の席を希望",
    "Moved from 12 May, promised the next free slot.\nSecond line of the note.",
    "يفضل المساء",
    'Quotes "like these", <b>tags</b> & ampersands',
]

DEAL_TITLES = [
    "Treatment package",
    "Annual check-up",
    "Spring workshop",
    "Consultation, long form",
    "Corporate day",
    "Photo session",
    "Repair and inspection",
    "Introductory course",
]
