"""German: how facts are stated and asked (the notation is explained in `en`)."""

# ruff: noqa: E501 (a phrase or a row stays on one line)

STATEMENTS = {
    "person.birth_date": (
        "{x} wurde am {birth_date} <r:geboren>.",
        "<r:Geburtsdatum> von {x}: {birth_date}",
    ),
    "person.birth_place": (
        "{x} wurde in der <n:Stadt> {birth_place} <r:geboren>.",
        "{birth_place} ist die <n:Stadt>, in der {x} <r:geboren> wurde.",
    ),
    "person.birth_place+birth_date": (
        "{x} wurde am {birth_date} in der <n:Stadt> {birth_place} <r:geboren>.",
    ),
    "person.occupation": (
        "{x} war von <r:Beruf> {occupation}.",
        "<r:Beruf> von {x}: {occupation}",
    ),
    "person.award": (
        "{x} <r:gewann> den <n:Preis> {award}.",
        "{award} ist der <n:Preis>, den {x} <r:gewann>.",
    ),
    "person.work": (
        "{x} <r:schrieb> das <n:Buch> „{work}“.",
        "„{work}“ ist das bekannteste <n:Buch>, das {x} <r:schrieb>.",
    ),
    "person.residence": (
        "{x} <r:lebte> viele Jahre in der <n:Stadt> {residence}.",
        "{residence} ist die <n:Stadt>, in der {x} viele Jahre <r:lebte>.",
    ),
    "person.birth_date+occupation": (
        "{x} (<m:geboren> am {birth_date}) war von <r:Beruf> {occupation}.",
    ),
    "city.founded": (
        "Die <n:Stadt> {x} wurde im Jahr {founded} <r:gegründet>.",
        "{founded} ist das Jahr, in dem die <n:Stadt> {x} <r:gegründet> wurde.",
    ),
    "city.population": (
        "Die <r:Einwohnerzahl> der <n:Stadt> {x} beträgt {population}.",
        "<r:Einwohnerzahl> der <n:Stadt> {x}: {population}",
    ),
    "city.river": (
        "Die <n:Stadt> {x} <r:liegt> am <m:Fluss> {river}.",
        "Der <m:Fluss> {river} <r:fließt> durch die <n:Stadt> {x}.",
    ),
    "city.mayor": (
        "[Der|Die] <r:[Bürgermeister|Bürgermeisterin]> der <n:Stadt> {x} heißt {mayor}.",
        "{mayor} ist [der|die] <r:[Bürgermeister|Bürgermeisterin]> der <n:Stadt> {x}.",
    ),
    "city.product": (
        "Die <n:Stadt> {x} <r:produziert> vor allem {product}.",
        "<r:Wichtigstes Erzeugnis> der <n:Stadt> {x}: {product}",
    ),
    "city.founded+river": (
        "Die <n:Stadt> {x}, <r:gegründet> im Jahr {founded}, <l:liegt> am <m:Fluss> {river}.",
    ),
    "novel.author": (
        "Der <n:Roman> „{x}“ wurde von {author} <r:geschrieben>.",
        "{author} ist <r:[der Autor|die Autorin]> des <n:Romans> „{x}“.",
    ),
    "novel.year": (
        "Der <n:Roman> „{x}“ wurde im Jahr {year} <r:veröffentlicht>.",
        "{year} ist das Jahr, in dem der <n:Roman> „{x}“ <r:veröffentlicht> wurde.",
    ),
    "novel.author+year": (
        "Im Jahr {year} <r:veröffentlichte> {author} den <n:Roman> „{x}“.",
        "Der <n:Roman> „{x}“ ({year}) wurde von {author} <r:geschrieben>.",
    ),
    "novel.pages": (
        "Der <n:Roman> „{x}“ hat {pages} <r:Seiten>.",
        "Anzahl der <r:Seiten> des <n:Romans> „{x}“: {pages}",
    ),
    "novel.topic": (
        "Das <r:Thema> des <n:Romans> „{x}“ ist {topic}.",
        "<r:Thema> des <n:Romans> „{x}“: {topic}",
    ),
    "novel.setting": (
        "Die Geschichte des <n:Romans> „{x}“ <r:spielt> in der <m:Stadt> {setting}.",
        "{setting} ist die <m:Stadt>, in der der <n:Roman> „{x}“ <r:spielt>.",
    ),
    "company.founded": (
        "Das <n:Unternehmen> {x} wurde im Jahr {founded} <r:gegründet>.",
        "{founded} ist das Jahr, in dem das <n:Unternehmen> {x} <r:gegründet> wurde.",
    ),
    "company.founder": (
        "Das <n:Unternehmen> {x} wurde von {founder} <r:gegründet>.",
        "{founder} ist [der|die] <r:[Gründer|Gründerin]> des <n:Unternehmens> {x}.",
    ),
    "company.founder+founded": (
        "Im Jahr {founded} <r:gründete> {founder} das <n:Unternehmen> {x}.",
    ),
    "company.seat": (
        "Der <r:Hauptsitz> des <n:Unternehmens> {x} befindet sich in der <m:Stadt> {seat}.",
        "<r:Hauptsitz> des <n:Unternehmens> {x}: {seat}",
    ),
    "company.product": (
        "Das <n:Unternehmen> {x} <r:produziert> {product}.",
        "<r:Produkte> des <n:Unternehmens> {x}: {product}",
    ),
    "company.employees": (
        "Die Zahl der <r:Mitarbeiter> des <n:Unternehmens> {x} beträgt {employees}.",
        "Zahl der <r:Mitarbeiter> des <n:Unternehmens> {x}: {employees}",
        "Das <n:Unternehmen> {x} <r:beschäftigt> {employees} Menschen.",
    ),
    "company.motto": (
        "Das <r:Motto> des <n:Unternehmens> {x} lautet {motto}.",
        "{motto} ist das <r:Motto> des <n:Unternehmens> {x}.",
    ),
    "company.founded+seat": (
        "Das <n:Unternehmen> {x}, <r:gegründet> im Jahr {founded}, hat seinen <l:Hauptsitz> in der <m:Stadt> {seat}.",
    ),
    "tournament.date": (
        "Das <n:Turnier> {x} <r:fand> am {date} statt.",
        "<r:Datum> des <n:Turniers> {x}: {date}",
    ),
    "tournament.place": (
        "Das <n:Turnier> {x} <r:fand> in der <m:Stadt> {place} statt.",
        "{place} ist die <m:Stadt>, in der das <n:Turnier> {x} <r:stattfand>.",
    ),
    "tournament.place+date": (
        "Am {date} <r:fand> das <n:Turnier> {x} in der <m:Stadt> {place} statt.",
    ),
    "tournament.winner": (
        "<r:[Der Sieger|Die Siegerin]> des <n:Turniers> {x} hieß {winner}.",
        "{winner} <r:gewann> das <n:Turnier> {x}.",
    ),
    "tournament.prize": (
        "Das <r:Preisgeld> des <n:Turniers> {x} betrug {prize}.",
        "<r:Preisgeld> des <n:Turniers> {x}: {prize}",
    ),
    "bridge.opened": (
        "Die <n:Brücke> {x} wurde im Jahr {opened} <r:eröffnet>.",
        "{opened} ist das Jahr, in dem die <n:Brücke> {x} <r:eröffnet> wurde.",
    ),
    "bridge.length": (
        "Die <r:Länge> der <n:Brücke> {x} beträgt {length}.",
        "<r:Länge> der <n:Brücke> {x}: {length}",
    ),
    "bridge.architect": (
        "Die <n:Brücke> {x} wurde von {architect} <r:entworfen>.",
        "{architect} ist <r:[der Architekt|die Architektin]> der <n:Brücke> {x}.",
    ),
    "bridge.architect+opened": (
        "Die <n:Brücke> {x}, <r:entworfen> von {architect}, wurde im Jahr {opened} <m:eröffnet>.",
    ),
    "bridge.river": (
        "Die <n:Brücke> {x} <r:überquert> den <m:Fluss> {river}.",
        "Der <m:Fluss> {river} <r:fließt> unter der <n:Brücke> {x} hindurch.",
    ),
    "bridge.material": (
        "Die <n:Brücke> {x} <r:besteht> aus {material}.",
        "<r:Material> der <n:Brücke> {x}: {material}",
    ),
}

QUESTIONS = {
    "person.birth_date": (
        "<q:Wann> wurde {x} <r:geboren>?",
        "<q:An welchem Tag> wurde {x} <r:geboren>?",
        "<q:Wie> lautet das <r:Geburtsdatum> von {x}?",
    ),
    "person.birth_place": (
        "<q:Wo> wurde {x} <r:geboren>?",
        "In <q:welcher> <n:Stadt> wurde {x} <r:geboren>?",
    ),
    "person.occupation": (
        "<q:Was> war der <r:Beruf> von {x}?",
        "<q:Welchen> <r:Beruf> hatte {x}?",
    ),
    "person.award": (
        "<q:Welchen> <n:Preis> <r:gewann> {x}?",
        "<q:Wie> heißt der <n:Preis>, den {x} <r:gewann>?",
    ),
    "person.work": (
        "<q:Welches> <n:Buch> <r:schrieb> {x}?",
        "<q:Wie> lautet der Titel des <n:Buches>, das {x} <r:schrieb>?",
    ),
    "person.residence": (
        "<q:Wo> <r:lebte> {x}?",
        "In <q:welcher> <n:Stadt> <r:lebte> {x} viele Jahre?",
    ),
    "city.founded": (
        "<q:Wann> wurde die <n:Stadt> {x} <r:gegründet>?",
        "<q:In welchem Jahr> wurde die <n:Stadt> {x} <r:gegründet>?",
    ),
    "city.population": (
        "<q:Wie> hoch ist die <r:Einwohnerzahl> der <n:Stadt> {x}?",
        "<q:Wie viele> Menschen <r:leben> in der <n:Stadt> {x}?",
    ),
    "city.river": (
        "<q:An welchem> <m:Fluss> <r:liegt> die <n:Stadt> {x}?",
        "<q:Wie> heißt der <m:Fluss> in der <n:Stadt> {x}?",
    ),
    "city.mayor": (
        "<q:Wer> ist <r:[der Bürgermeister|die Bürgermeisterin]> der <n:Stadt> {x}?",
        "<q:Wie> heißt <r:[der Bürgermeister|die Bürgermeisterin]> der <n:Stadt> {x}?",
    ),
    "city.product": (
        "<q:Was> ist das <r:wichtigste Erzeugnis> der <n:Stadt> {x}?",
        "<q:Was> <r:produziert> die <n:Stadt> {x} vor allem?",
    ),
    "novel.author": (
        "<q:Wer> <r:schrieb> den <n:Roman> „{x}“?",
        "<q:Wer> ist <r:[der Autor|die Autorin]> des <n:Romans> „{x}“?",
    ),
    "novel.year": (
        "<q:Wann> wurde der <n:Roman> „{x}“ <r:veröffentlicht>?",
        "<q:In welchem Jahr> wurde der <n:Roman> „{x}“ <r:veröffentlicht>?",
    ),
    "novel.pages": (
        "<q:Wie viele> <r:Seiten> hat der <n:Roman> „{x}“?",
        "<q:Wie> hoch ist die Zahl der <r:Seiten> des <n:Romans> „{x}“?",
    ),
    "novel.topic": (
        "<q:Was> ist das <r:Thema> des <n:Romans> „{x}“?",
        "<q:Wovon> <r:handelt> der <n:Roman> „{x}“?",
    ),
    "novel.setting": (
        "<q:Wo> <r:spielt> die Geschichte des <n:Romans> „{x}“?",
        "In <q:welcher> <m:Stadt> <r:spielt> der <n:Roman> „{x}“?",
    ),
    "company.founded": (
        "<q:Wann> wurde das <n:Unternehmen> {x} <r:gegründet>?",
        "<q:In welchem Jahr> wurde das <n:Unternehmen> {x} <r:gegründet>?",
    ),
    "company.founder": (
        "<q:Wer> <r:gründete> das <n:Unternehmen> {x}?",
        "<q:Wer> ist <r:[der Gründer|die Gründerin]> des <n:Unternehmens> {x}?",
    ),
    "company.seat": (
        "<q:Wo> ist der <r:Hauptsitz> des <n:Unternehmens> {x}?",
        "In <q:welcher> <m:Stadt> ist der <r:Hauptsitz> des <n:Unternehmens> {x}?",
    ),
    "company.product": (
        "<q:Was> <r:produziert> das <n:Unternehmen> {x}?",
        "<q:Was> sind die <r:Produkte> des <n:Unternehmens> {x}?",
    ),
    "company.employees": (
        "<q:Wie viele> <r:Mitarbeiter> hat das <n:Unternehmen> {x}?",
        "<q:Wie> hoch ist die Zahl der <r:Mitarbeiter> des <n:Unternehmens> {x}?",
    ),
    "company.motto": (
        "<q:Wie> lautet das <r:Motto> des <n:Unternehmens> {x}?",
        "<q:Welches> <r:Motto> hat das <n:Unternehmen> {x}?",
    ),
    "tournament.date": (
        "<q:Wann> <r:fand> das <n:Turnier> {x} statt?",
        "<q:An welchem Tag> <r:fand> das <n:Turnier> {x} statt?",
    ),
    "tournament.place": (
        "<q:Wo> <r:fand> das <n:Turnier> {x} statt?",
        "In <q:welcher> <m:Stadt> <r:fand> das <n:Turnier> {x} statt?",
    ),
    "tournament.winner": (
        "<q:Wer> <r:gewann> das <n:Turnier> {x}?",
        "<q:Wer> war <r:[der Sieger|die Siegerin]> des <n:Turniers> {x}?",
    ),
    "tournament.prize": (
        "<q:Wie> hoch war das <r:Preisgeld> des <n:Turniers> {x}?",
        "<q:Wie viel> betrug das <r:Preisgeld> des <n:Turniers> {x}?",
    ),
    "bridge.opened": (
        "<q:Wann> wurde die <n:Brücke> {x} <r:eröffnet>?",
        "<q:In welchem Jahr> wurde die <n:Brücke> {x} <r:eröffnet>?",
    ),
    "bridge.length": (
        "<q:Wie> <r:lang> ist die <n:Brücke> {x}?",
        "<q:Welche> <r:Länge> hat die <n:Brücke> {x}?",
    ),
    "bridge.architect": (
        "<q:Wer> <r:entwarf> die <n:Brücke> {x}?",
        "<q:Wer> ist <r:[der Architekt|die Architektin]> der <n:Brücke> {x}?",
    ),
    "bridge.river": (
        "<q:Welchen> <m:Fluss> <r:überquert> die <n:Brücke> {x}?",
        "<q:Wie> heißt der <m:Fluss> unter der <n:Brücke> {x}?",
    ),
    "bridge.material": (
        "<q:Woraus> <r:besteht> die <n:Brücke> {x}?",
        "<q:Was> ist das <r:Material> der <n:Brücke> {x}?",
    ),
}
