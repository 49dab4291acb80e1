"""Turkish: how facts are stated and asked (the notation is explained in `en`)."""

STATEMENTS = {
    "person.birth_date": (
        "{x}, {birth_date} tarihinde <r:doğdu>.",
        "{x}, <r:doğum tarihi>: {birth_date}",
    ),
    "person.birth_place": (
        "{x}, {birth_place} <n:şehrinde> <r:doğdu>.",
        "{birth_place}, {x} adlı kişinin <r:doğduğu> <n:şehirdir>.",
    ),
    "person.birth_place+birth_date": (
        "{x}, {birth_date} tarihinde {birth_place} <n:şehrinde> <r:doğdu>.",
    ),
    "person.occupation": (
        "{x}, <r:mesleğini> {occupation} olarak sürdürdü.",
        "{x}, <r:meslek>: {occupation}",
    ),
    "person.award": (
        "{x}, {award} adlı <n:ödülü> <r:kazandı>.",
        "{award}, {x} adlı kişinin <r:kazandığı> <n:ödüldür>.",
    ),
    "person.work": (
        "{x}, “{work}” adlı <n:kitabı> <r:yazdı>.",
        "“{work}”, {x} adlı kişinin <r:yazdığı> en ünlü <n:kitaptır>.",
    ),
    "person.residence": (
        "{x}, uzun yıllar {residence} <n:şehrinde> <r:yaşadı>.",
        "{residence}, {x} adlı kişinin uzun yıllar <r:yaşadığı> <n:şehirdir>.",
    ),
    "person.birth_date+occupation": (
        "{x} (<m:doğumu> {birth_date}) <r:mesleğini> {occupation} olarak sürdürdü.",
    ),
    "city.founded": (
        "{x} <n:şehri> {founded} yılında <r:kuruldu>.",
        "{founded}, {x} <n:şehrinin> <r:kurulduğu> yıldır.",
    ),
    "city.population": (
        "{x} <n:şehrinin> <r:nüfusu> {population} olarak kaydedildi.",
        "{x} <n:şehrinin> <r:nüfusu>: {population}",
    ),
    "city.river": (
        "{x} <n:şehri> {river} <m:nehri> kıyısında <r:yer alır>.",
        "{river} <m:nehri> {x} <n:şehrinden> <r:geçer>.",
    ),
    "city.mayor": (
        "{x} <n:şehrinde> {mayor} <r:belediye başkanı> olarak görev yapıyor.",
        "{mayor}, {x} <n:şehrinin> <r:belediye başkanıdır>.",
    ),
    "city.product": (
        "{x} <n:şehri> en çok {product} <r:üretir>.",
        "{x} <n:şehrinin> <r:başlıca ürünü>: {product}",
    ),
    "city.founded+river": (
        "{founded} yılında <r:kurulan> {x} <n:şehri> {river} <m:nehri> kıyısında <l:yer alır>.",
    ),
    "novel.author": (
        "“{x}” adlı <n:roman> {author} tarafından <r:yazıldı>.",
        "{author}, “{x}” adlı <n:romanın> <r:yazarıdır>.",
    ),
    "novel.year": (
        "“{x}” adlı <n:roman> {year} yılında <r:yayımlandı>.",
        "{year}, “{x}” adlı <n:romanın> <r:yayımlandığı> yıldır.",
    ),
    "novel.author+year": (
        "{year} yılında {author}, “{x}” adlı <n:romanı> <r:yayımladı>.",
        "“{x}” adlı <n:roman> ({year}) {author} tarafından <r:yazıldı>.",
    ),
    "novel.pages": (
        "“{x}” adlı <n:roman> {pages} <r:sayfadan> oluşur.",
        "“{x}” adlı <n:romanın> <r:sayfa> sayısı: {pages}",
    ),
    "novel.topic": (
        "“{x}” adlı <n:roman> {topic} <r:konusunu> işler.",
        "“{x}” adlı <n:romanın> <r:konusu>: {topic}",
    ),
    "novel.setting": (
        "“{x}” adlı <n:romanın> hikâyesi {setting} <m:şehrinde> <r:geçer>.",
        "{setting}, “{x}” adlı <n:romanın> <r:geçtiği> <m:şehirdir>.",
    ),
    "company.founded": (
        "{x} <n:şirketi> {founded} yılında <r:kuruldu>.",
        "{founded}, {x} <n:şirketinin> <r:kurulduğu> yıldır.",
    ),
    "company.founder": (
        "{x} <n:şirketi> {founder} tarafından <r:kuruldu>.",
        "{founder}, {x} <n:şirketinin> <r:kurucusudur>.",
    ),
    "company.founder+founded": ("{founded} yılında {founder}, {x} <n:şirketini> <r:kurdu>.",),
    "company.seat": (
        "{x} <n:şirketinin> <r:merkezi> {seat} <m:şehrinde> bulunur.",
        "{x} <n:şirketinin> <r:merkezi>: {seat}",
    ),
    "company.product": (
        "{x} <n:şirketi> {product} <r:üretir>.",
        "{x} <n:şirketinin> <r:ürünleri>: {product}",
    ),
    "company.employees": (
        "{x} <n:şirketinin> <r:çalışan> sayısı {employees} olarak açıklandı.",
        "{x} <n:şirketinin> <r:çalışan> sayısı: {employees}",
        "{x} <n:şirketinde> {employees} kişi <r:çalışıyor>.",
    ),
    "company.motto": (
        "{x} <n:şirketinin> <r:sloganı> {motto} şeklindedir.",
        "{motto}, {x} <n:şirketinin> <r:sloganıdır>.",
    ),
    "company.founded+seat": (
        "{founded} yılında <r:kurulan> {x} <n:şirketinin> <l:merkezi> {seat} <m:şehrinde> bulunur.",
    ),
    "tournament.date": (
        "{x} <n:turnuvası> {date} tarihinde <r:yapıldı>.",
        "{x} <n:turnuvasının> <r:tarihi>: {date}",
    ),
    "tournament.place": (
        "{x} <n:turnuvası> {place} <m:şehrinde> <r:yapıldı>.",
        "{place}, {x} <n:turnuvasının> <r:yapıldığı> <m:şehirdir>.",
    ),
    "tournament.place+date": (
        "{date} tarihinde {x} <n:turnuvası> {place} <m:şehrinde> <r:yapıldı>.",
    ),
    "tournament.winner": (
        "{x} <n:turnuvasını> {winner} <r:kazandı>.",
        "{winner}, {x} <n:turnuvasının> <r:galibidir>.",
    ),
    "tournament.prize": (
        "{x} <n:turnuvasının> <r:para ödülü> {prize} olarak belirlendi.",
        "{x} <n:turnuvasının> <r:para ödülü>: {prize}",
    ),
    "bridge.opened": (
        "{x} <n:köprüsü> {opened} yılında <r:açıldı>.",
        "{opened}, {x} <n:köprüsünün> <r:açıldığı> yıldır.",
    ),
    "bridge.length": (
        "{x} <n:köprüsünün> <r:uzunluğu> {length} olarak ölçüldü.",
        "{x} <n:köprüsünün> <r:uzunluğu>: {length}",
    ),
    "bridge.architect": (
        "{x} <n:köprüsü> {architect} tarafından <r:tasarlandı>.",
        "{architect}, {x} <n:köprüsünün> <r:mimarıdır>.",
    ),
    "bridge.architect+opened": (
        "{architect} tarafından <r:tasarlanan> {x} <n:köprüsü> {opened} yılında <m:açıldı>.",
    ),
    "bridge.river": (
        "{x} <n:köprüsü> {river} <m:nehri> üzerinden <r:geçer>.",
        "{river} <m:nehri> {x} <n:köprüsünün> altından <r:akar>.",
    ),
    "bridge.material": (
        "{x} <n:köprüsü> {material} kullanılarak <r:yapıldı>.",
        "{x} <n:köprüsünün> <r:malzemesi>: {material}",
    ),
}

QUESTIONS = {
    "person.birth_date": (
        "{x} <q:ne zaman> <r:doğdu>?",
        "{x} <q:hangi tarihte> <r:doğdu>?",
        "{x} adlı kişinin <r:doğum tarihi> <q:nedir>?",
    ),
    "person.birth_place": (
        "{x} <q:nerede> <r:doğdu>?",
        "{x} <q:hangi> <n:şehirde> <r:doğdu>?",
    ),
    "person.occupation": (
        "{x} adlı kişinin <r:mesleği> <q:neydi>?",
        "{x} <q:hangi> <r:mesleği> yapıyordu?",
    ),
    "person.award": (
        "{x} <q:hangi> <n:ödülü> <r:kazandı>?",
        "{x} adlı kişinin <r:kazandığı> <n:ödülün> adı <q:nedir>?",
    ),
    "person.work": (
        "{x} <q:hangi> <n:kitabı> <r:yazdı>?",
        "{x} adlı kişinin <r:yazdığı> <n:kitabın> adı <q:nedir>?",
    ),
    "person.residence": (
        "{x} <q:nerede> <r:yaşadı>?",
        "{x} uzun yıllar <q:hangi> <n:şehirde> <r:yaşadı>?",
    ),
    "city.founded": (
        "{x} <n:şehri> <q:ne zaman> <r:kuruldu>?",
        "{x} <n:şehri> <q:hangi yılda> <r:kuruldu>?",
    ),
    "city.population": (
        "{x} <n:şehrinin> <r:nüfusu> <q:nedir>?",
        "{x} <n:şehrinde> <q:kaç> kişi <r:yaşıyor>?",
    ),
    "city.river": (
        "{x} <n:şehri> <q:hangi> <m:nehrin> kıyısında <r:yer alır>?",
        "{x} <n:şehrindeki> <m:nehrin> adı <q:nedir>?",
    ),
    "city.mayor": (
        "{x} <n:şehrinin> <r:belediye başkanı> <q:kimdir>?",
        "{x} <n:şehrinin> <r:belediye başkanının> adı <q:nedir>?",
    ),
    "city.product": (
        "{x} <n:şehrinin> <r:başlıca ürünü> <q:nedir>?",
        "{x} <n:şehri> en çok <q:ne> <r:üretir>?",
    ),
    "novel.author": (
        "“{x}” adlı <n:romanı> <q:kim> <r:yazdı>?",
        "“{x}” adlı <n:romanın> <r:yazarı> <q:kimdir>?",
    ),
    "novel.year": (
        "“{x}” adlı <n:roman> <q:ne zaman> <r:yayımlandı>?",
        "“{x}” adlı <n:roman> <q:hangi yılda> <r:yayımlandı>?",
    ),
    "novel.pages": (
        "“{x}” adlı <n:roman> <q:kaç> <r:sayfadır>?",
        "“{x}” adlı <n:romanın> <r:sayfa> sayısı <q:nedir>?",
    ),
    "novel.topic": (
        "“{x}” adlı <n:romanın> <r:konusu> <q:nedir>?",
        "“{x}” adlı <n:roman> <q:neyi> <r:anlatır>?",
    ),
    "novel.setting": (
        "“{x}” adlı <n:romanın> hikâyesi <q:nerede> <r:geçer>?",
        "“{x}” adlı <n:roman> <q:hangi> <m:şehirde> <r:geçer>?",
    ),
    "company.founded": (
        "{x} <n:şirketi> <q:ne zaman> <r:kuruldu>?",
        "{x} <n:şirketi> <q:hangi yılda> <r:kuruldu>?",
    ),
    "company.founder": (
        "{x} <n:şirketini> <q:kim> <r:kurdu>?",
        "{x} <n:şirketinin> <r:kurucusu> <q:kimdir>?",
    ),
    "company.seat": (
        "{x} <n:şirketinin> <r:merkezi> <q:nerededir>?",
        "{x} <n:şirketinin> <r:merkezi> <q:hangi> <m:şehirdedir>?",
    ),
    "company.product": (
        "{x} <n:şirketi> <q:ne> <r:üretir>?",
        "{x} <n:şirketinin> <r:ürünleri> <q:nelerdir>?",
    ),
    "company.employees": (
        "{x} <n:şirketinin> <q:kaç> <r:çalışanı> var?",
        "{x} <n:şirketinin> <r:çalışan> sayısı <q:nedir>?",
    ),
    "company.motto": (
        "{x} <n:şirketinin> <r:sloganı> <q:nedir>?",
        "{x} <n:şirketinin> <q:hangi> <r:sloganı> var?",
    ),
    "tournament.date": (
        "{x} <n:turnuvası> <q:ne zaman> <r:yapıldı>?",
        "{x} <n:turnuvası> <q:hangi tarihte> <r:yapıldı>?",
    ),
    "tournament.place": (
        "{x} <n:turnuvası> <q:nerede> <r:yapıldı>?",
        "{x} <n:turnuvası> <q:hangi> <m:şehirde> <r:yapıldı>?",
    ),
    "tournament.winner": (
        "{x} <n:turnuvasını> <q:kim> <r:kazandı>?",
        "{x} <n:turnuvasının> <r:galibi> <q:kimdi>?",
    ),
    "tournament.prize": (
        "{x} <n:turnuvasının> <r:para ödülü> <q:neydi>?",
        "{x} <n:turnuvasının> <r:para ödülü> <q:ne kadardı>?",
    ),
    "bridge.opened": (
        "{x} <n:köprüsü> <q:ne zaman> <r:açıldı>?",
        "{x} <n:köprüsü> <q:hangi yılda> <r:açıldı>?",
    ),
    "bridge.length": (
        "{x} <n:köprüsünün> <r:uzunluğu> <q:ne kadardır>?",
        "{x} <n:köprüsünün> <r:uzunluğu> <q:nedir>?",
    ),
    "bridge.architect": (
        "{x} <n:köprüsünü> <q:kim> <r:tasarladı>?",
        "{x} <n:köprüsünün> <r:mimarı> <q:kimdir>?",
    ),
    "bridge.river": (
        "{x} <n:köprüsü> <q:hangi> <m:nehrin> üzerinden <r:geçer>?",
        "{x} <n:köprüsünün> altından akan <m:nehrin> adı <q:nedir>?",
    ),
    "bridge.material": (
        "{x} <n:köprüsü> <q:hangi> <r:malzemeden> yapıldı?",
        "{x} <n:köprüsünün> <r:malzemesi> <q:nedir>?",
    ),
}
