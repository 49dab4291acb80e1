"""Spanish: how facts are stated and asked (the notation is explained in `en`)."""

STATEMENTS = {
    "person.birth_date": (
        "{x} <r:nació> el {birth_date}.",
        "<r:Fecha de nacimiento> de {x}: {birth_date}",
    ),
    "person.birth_place": (
        "{x} <r:nació> en la <n:ciudad> de {birth_place}.",
        "{birth_place} es la <n:ciudad> donde <r:nació> {x}.",
    ),
    "person.birth_place+birth_date": (
        "{x} <r:nació> en la <n:ciudad> de {birth_place} el {birth_date}.",
    ),
    "person.occupation": (
        "{x} fue [un conocido|una conocida] {occupation}.",
        "<r:Profesión> de {x}: {occupation}",
    ),
    "person.award": (
        "{x} <r:ganó> el <n:premio> {award}.",
        "{award} es el <n:premio> que <r:ganó> {x}.",
    ),
    "person.work": (
        "{x} <r:escribió> el <n:libro> «{work}».",
        "«{work}» es el <n:libro> más conocido que <r:escribió> {x}.",
    ),
    "person.residence": ("{x} <r:vivió> en la <n:ciudad> de {residence} durante muchos años.",),
    "city.founded": (
        "La <n:ciudad> de {x} fue <r:fundada> en {founded}.",
        "{founded} es el año en que fue <r:fundada> la <n:ciudad> de {x}.",
    ),
    "city.population": (
        "La <r:población> de la <n:ciudad> de {x} es de {population}.",
        "<r:Población> de la <n:ciudad> de {x}: {population}",
    ),
    "city.river": ("La <n:ciudad> de {x} <r:está> a orillas del <m:río> {river}.",),
    "city.mayor": (
        "[El|La] <r:[alcalde|alcaldesa]> de la <n:ciudad> de {x} es {mayor}.",
        "{mayor} es [el|la] <r:[alcalde|alcaldesa]> de la <n:ciudad> de {x}.",
    ),
    "city.product": (
        "El <r:producto principal> de la <n:ciudad> de {x} es: {product}.",
        "<r:Producto principal> de la <n:ciudad> de {x}: {product}",
    ),
    "novel.author": (
        "La <n:novela> «{x}» fue <r:escrita> por {author}.",
        "{author} es <r:[el autor|la autora]> de la <n:novela> «{x}».",
    ),
    "novel.year": ("La <n:novela> «{x}» fue <r:publicada> en {year}.",),
    "novel.author+year": ("En {year} {author} <r:publicó> la <n:novela> «{x}».",),
    "novel.pages": (
        "La <n:novela> «{x}» tiene {pages} <r:páginas>.",
        "Número de <r:páginas> de la <n:novela> «{x}»: {pages}",
    ),
    "novel.topic": (
        "El <r:tema> de la <n:novela> «{x}» es {topic}.",
        "<r:Tema> de la <n:novela> «{x}»: {topic}",
    ),
    "novel.setting": (
        "La historia de la <n:novela> «{x}» <r:transcurre> en la <m:ciudad> de {setting}.",
    ),
    "company.founded": (
        "La <n:empresa> {x} fue <r:fundada> en {founded}.",
        "{founded} es el año en que fue <r:fundada> la <n:empresa> {x}.",
    ),
    "company.founder": (
        "La <n:empresa> {x} fue <r:fundada> por {founder}.",
        "{founder} es [el|la] <r:[fundador|fundadora]> de la <n:empresa> {x}.",
    ),
    "company.founder+founded": ("En {founded} {founder} <r:fundó> la <n:empresa> {x}.",),
    "company.seat": ("La <r:sede> de la <n:empresa> {x} está en la <m:ciudad> de {seat}.",),
    "company.product": (
        "La <n:empresa> {x} <r:fabrica> {product}.",
        "<r:Productos> de la <n:empresa> {x}: {product}",
    ),
    "company.employees": (
        "El número de <r:empleados> de la <n:empresa> {x} es {employees}.",
        "Número de <r:empleados> de la <n:empresa> {x}: {employees}",
    ),
    "company.motto": (
        "El <r:lema> de la <n:empresa> {x} es {motto}.",
        "{motto} es el <r:lema> de la <n:empresa> {x}.",
    ),
}

QUESTIONS = {
    "person.birth_date": (
        "¿<q:Cuándo> <r:nació> {x}?",
        "¿<q:En qué fecha> <r:nació> {x}?",
        "¿<q:Cuál> es la <r:fecha de nacimiento> de {x}?",
    ),
    "person.birth_place": (
        "¿<q:Dónde> <r:nació> {x}?",
        "¿En <q:qué> <n:ciudad> <r:nació> {x}?",
    ),
    "person.occupation": (
        "¿<q:Cuál> era la <r:profesión> de {x}?",
        "¿<q:Qué> <r:profesión> tenía {x}?",
    ),
    "person.award": (
        "¿<q:Qué> <n:premio> <r:ganó> {x}?",
        "¿<q:Cómo> se llama el <n:premio> que <r:ganó> {x}?",
    ),
    "person.work": (
        "¿<q:Qué> <n:libro> <r:escribió> {x}?",
        "¿<q:Cuál> es el título del <n:libro> que <r:escribió> {x}?",
    ),
    "person.residence": (
        "¿<q:Dónde> <r:vivió> {x}?",
        "¿En <q:qué> <n:ciudad> <r:vivió> {x} durante muchos años?",
    ),
    "city.founded": (
        "¿<q:Cuándo> fue <r:fundada> la <n:ciudad> de {x}?",
        "¿<q:En qué año> fue <r:fundada> la <n:ciudad> de {x}?",
    ),
    "city.population": (
        "¿<q:Cuál> es la <r:población> de la <n:ciudad> de {x}?",
        "¿<q:Cuántas> personas <r:viven> en la <n:ciudad> de {x}?",
    ),
    "city.river": (
        "¿<q:A orillas de qué> <m:río> <r:está> la <n:ciudad> de {x}?",
        "¿<q:Cómo> se llama el <m:río> de la <n:ciudad> de {x}?",
    ),
    "city.mayor": (
        "¿<q:Quién> es <r:[el alcalde|la alcaldesa]> de la <n:ciudad> de {x}?",
        "¿<q:Cómo> se llama <r:[el alcalde|la alcaldesa]> de la <n:ciudad> de {x}?",
    ),
    "city.product": (
        "¿<q:Cuál> es el <r:producto principal> de la <n:ciudad> de {x}?",
        "¿<q:Qué> se <r:fabrica> sobre todo en la <n:ciudad> de {x}?",
    ),
    "novel.author": (
        "¿<q:Quién> <r:escribió> la <n:novela> «{x}»?",
        "¿<q:Quién> es <r:[el autor|la autora]> de la <n:novela> «{x}»?",
    ),
    "novel.year": (
        "¿<q:Cuándo> fue <r:publicada> la <n:novela> «{x}»?",
        "¿<q:En qué año> fue <r:publicada> la <n:novela> «{x}»?",
    ),
    "novel.pages": (
        "¿<q:Cuántas> <r:páginas> tiene la <n:novela> «{x}»?",
        "¿<q:Cuál> es el número de <r:páginas> de la <n:novela> «{x}»?",
    ),
    "novel.topic": (
        "¿<q:Cuál> es el <r:tema> de la <n:novela> «{x}»?",
        "¿De <q:qué> <r:trata> la <n:novela> «{x}»?",
    ),
    "novel.setting": (
        "¿<q:Dónde> <r:transcurre> la historia de la <n:novela> «{x}»?",
        "¿En <q:qué> <m:ciudad> <r:transcurre> la <n:novela> «{x}»?",
    ),
    "company.founded": (
        "¿<q:Cuándo> fue <r:fundada> la <n:empresa> {x}?",
        "¿<q:En qué año> fue <r:fundada> la <n:empresa> {x}?",
    ),
    "company.founder": (
        "¿<q:Quién> <r:fundó> la <n:empresa> {x}?",
        "¿<q:Quién> es <r:[el fundador|la fundadora]> de la <n:empresa> {x}?",
    ),
    "company.seat": (
        "¿<q:Dónde> está la <r:sede> de la <n:empresa> {x}?",
        "¿En <q:qué> <m:ciudad> está la <r:sede> de la <n:empresa> {x}?",
    ),
    "company.product": (
        "¿<q:Qué> <r:fabrica> la <n:empresa> {x}?",
        "¿<q:Cuáles> son los <r:productos> de la <n:empresa> {x}?",
    ),
    "company.employees": (
        "¿<q:Cuántos> <r:empleados> tiene la <n:empresa> {x}?",
        "¿<q:Cuál> es el número de <r:empleados> de la <n:empresa> {x}?",
    ),
    "company.motto": (
        "¿<q:Cuál> es el <r:lema> de la <n:empresa> {x}?",
        "¿<q:Qué> <r:lema> tiene la <n:empresa> {x}?",
    ),
}
