"""Spanish: how facts are stated and asked (the notation is explained in `en`)."""

# ruff: noqa: E501 (a phrase or a row stays on one line)

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
        "{x} era {occupation} de <r:profesión>.",
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
    "person.residence": (
        "{x} <r:vivió> en la <n:ciudad> de {residence} durante muchos años.",
        "{residence} es la <n:ciudad> donde {x} <r:vivió> durante muchos años.",
    ),
    "person.birth_date+occupation": (
        "{x} (<m:[nacido|nacida]> el {birth_date}) era {occupation} de <r:profesión>.",
    ),
    "city.founded": (
        "La <n:ciudad> de {x} fue <r:fundada> en {founded}.",
        "{founded} es el año en que fue <r:fundada> la <n:ciudad> de {x}.",
    ),
    "city.population": (
        "La <r:población> de la <n:ciudad> de {x} es de {population}.",
        "<r:Población> de la <n:ciudad> de {x}: {population}",
    ),
    "city.river": (
        "La <n:ciudad> de {x} <r:está> a orillas del <m:río> {river}.",
        "El <m:río> {river} <r:pasa> por la <n:ciudad> de {x}.",
    ),
    "city.mayor": (
        "[El|La] <r:[alcalde|alcaldesa]> de la <n:ciudad> de {x} es {mayor}.",
        "{mayor} es [el|la] <r:[alcalde|alcaldesa]> de la <n:ciudad> de {x}.",
    ),
    "city.product": (
        "La <n:ciudad> de {x} <r:produce> sobre todo {product}.",
        "<r:Producto principal> de la <n:ciudad> de {x}: {product}",
    ),
    "city.founded+river": (
        "La <n:ciudad> de {x}, <r:fundada> en {founded}, <l:está> a orillas del <m:río> {river}.",
    ),
    "novel.author": (
        "La <n:novela> «{x}» fue <r:escrita> por {author}.",
        "{author} es <r:[el autor|la autora]> de la <n:novela> «{x}».",
    ),
    "novel.year": (
        "La <n:novela> «{x}» fue <r:publicada> en {year}.",
        "{year} es el año en que fue <r:publicada> la <n:novela> «{x}».",
    ),
    "novel.author+year": (
        "En {year} {author} <r:publicó> la <n:novela> «{x}».",
        "La <n:novela> «{x}» ({year}) fue <r:escrita> por {author}.",
    ),
    "novel.pages": (
        "La <n:novela> «{x}» tiene {pages} <r:páginas>.",
        "Número de <r:páginas> de la <n:novela> «{x}»: {pages}",
    ),
    "novel.topic": (
        "La <n:novela> «{x}» <r:trata> sobre {topic}.",
        "<r:Tema> de la <n:novela> «{x}»: {topic}",
    ),
    "novel.setting": (
        "La historia de la <n:novela> «{x}» <r:transcurre> en la <m:ciudad> de {setting}.",
        "{setting} es la <m:ciudad> en la que <r:transcurre> la <n:novela> «{x}».",
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
    "company.seat": (
        "La <r:sede> de la <n:empresa> {x} está en la <m:ciudad> de {seat}.",
        "<r:Sede> de la <n:empresa> {x}: {seat}",
    ),
    "company.product": (
        "La <n:empresa> {x} <r:fabrica> {product}.",
        "<r:Productos> de la <n:empresa> {x}: {product}",
    ),
    "company.employees": (
        "El número de <r:empleados> de la <n:empresa> {x} es {employees}.",
        "Número de <r:empleados> de la <n:empresa> {x}: {employees}",
        "La <n:empresa> {x} <r:emplea> a {employees} personas.",
    ),
    "company.motto": (
        "El <r:lema> de la <n:empresa> {x} es {motto}.",
        "{motto} es el <r:lema> de la <n:empresa> {x}.",
    ),
    "company.founded+seat": (
        "La <n:empresa> {x}, <r:fundada> en {founded}, tiene su <l:sede> en la <m:ciudad> de {seat}.",
    ),
    "tournament.date": (
        "El <n:torneo> {x} se <r:celebró> el {date}.",
        "<r:Fecha> del <n:torneo> {x}: {date}",
    ),
    "tournament.place": (
        "El <n:torneo> {x} se <r:celebró> en la <m:ciudad> de {place}.",
        "{place} es la <m:ciudad> donde se <r:celebró> el <n:torneo> {x}.",
    ),
    "tournament.place+date": (
        "El {date} se <r:celebró> el <n:torneo> {x} en la <m:ciudad> de {place}.",
    ),
    "tournament.winner": (
        "<r:[El ganador|La ganadora]> del <n:torneo> {x} fue {winner}.",
        "{winner} <r:ganó> el <n:torneo> {x}.",
    ),
    "tournament.prize": (
        "El <r:premio> del <n:torneo> {x} fue de {prize}.",
        "<r:Premio> del <n:torneo> {x}: {prize}",
    ),
    "bridge.opened": (
        "El <n:puente> {x} fue <r:inaugurado> en {opened}.",
        "{opened} es el año en que fue <r:inaugurado> el <n:puente> {x}.",
    ),
    "bridge.length": (
        "La <r:longitud> del <n:puente> {x} es de {length}.",
        "<r:Longitud> del <n:puente> {x}: {length}",
    ),
    "bridge.architect": (
        "El <n:puente> {x} fue <r:diseñado> por {architect}.",
        "{architect} es <r:[el arquitecto|la arquitecta]> del <n:puente> {x}.",
    ),
    "bridge.architect+opened": (
        "El <n:puente> {x}, <r:diseñado> por {architect}, fue <m:inaugurado> en {opened}.",
    ),
    "bridge.river": (
        "El <n:puente> {x} <r:cruza> el <m:río> {river}.",
        "El <m:río> {river} <r:pasa> por debajo del <n:puente> {x}.",
    ),
    "bridge.material": (
        "El <n:puente> {x} está <r:hecho> de {material}.",
        "<r:Material> del <n:puente> {x}: {material}",
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
        "¿<q:Qué> <r:produce> sobre todo la <n:ciudad> de {x}?",
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
    "tournament.date": (
        "¿<q:Cuándo> se <r:celebró> el <n:torneo> {x}?",
        "¿<q:En qué fecha> se <r:celebró> el <n:torneo> {x}?",
    ),
    "tournament.place": (
        "¿<q:Dónde> se <r:celebró> el <n:torneo> {x}?",
        "¿En <q:qué> <m:ciudad> se <r:celebró> el <n:torneo> {x}?",
    ),
    "tournament.winner": (
        "¿<q:Quién> <r:ganó> el <n:torneo> {x}?",
        "¿<q:Quién> fue <r:[el ganador|la ganadora]> del <n:torneo> {x}?",
    ),
    "tournament.prize": (
        "¿<q:Cuál> fue el <r:premio> del <n:torneo> {x}?",
        "¿<q:De cuánto> fue el <r:premio> del <n:torneo> {x}?",
    ),
    "bridge.opened": (
        "¿<q:Cuándo> fue <r:inaugurado> el <n:puente> {x}?",
        "¿<q:En qué año> fue <r:inaugurado> el <n:puente> {x}?",
    ),
    "bridge.length": (
        "¿<q:Cuánto> <r:mide> el <n:puente> {x}?",
        "¿<q:Cuál> es la <r:longitud> del <n:puente> {x}?",
    ),
    "bridge.architect": (
        "¿<q:Quién> <r:diseñó> el <n:puente> {x}?",
        "¿<q:Quién> es <r:[el arquitecto|la arquitecta]> del <n:puente> {x}?",
    ),
    "bridge.river": (
        "¿<q:Qué> <m:río> <r:cruza> el <n:puente> {x}?",
        "¿<q:Cómo> se llama el <m:río> que pasa por debajo del <n:puente> {x}?",
    ),
    "bridge.material": (
        "¿De <q:qué> está <r:hecho> el <n:puente> {x}?",
        "¿<q:Cuál> es el <r:material> del <n:puente> {x}?",
    ),
}
